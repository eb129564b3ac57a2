/** The transport of SOAP, as a module that an object loads with its first call to Marketo. */
export { createSoapTransport } from '../../marketo/soap/transport.ts'
