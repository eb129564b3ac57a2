/** The transport of REST, as a module that an object loads with its first call to Marketo. */
export { createRestTransport } from '../../marketo/rest/transport.ts'
