/** The room's door: the ways to a Marketo. What stands behind it knows leads and verdicts, and nothing else of the relay. */
export { createSoapTransport } from './soap/transport.ts'
