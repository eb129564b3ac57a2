/**
 * Validates SOAP messages with libxml2, the library behind `xmllint`, and with no code of the relay's.
 *
 * The envelope is validated against SOAP 1.1, and each part of header and body against the given schema.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XmlDocument, type XmlElement, XmlLibError, XsdValidator } from 'libxml2-wasm'

/** Returns the errors of a message; an empty list if it is valid. */
export type Validate = (message: string) => string[]

const SOAP = { s: 'http://schemas.xmlsoap.org/soap/envelope/' }
const envelope = loadSchema(join(import.meta.dirname, 'soap-envelope.xsd'))

/** Validates by the project's own schema. */
export const validateMessage: Validate = createValidator(join(import.meta.dirname, 'mktows.xsd'))

/** Creates a validator from a file: an XSD, or a WSDL that contains the schema. */
export function createValidator(file: string): Validate {
  const schema = loadSchema(file)
  return (message) => {
    using document = XmlDocument.fromString(message)
    const parts = document.find('/s:Envelope/s:Header/* | /s:Envelope/s:Body/*[not(self::s:Fault)]', SOAP)
    return [
      ...errorsOf(() => envelope.validate(document)),
      ...parts.flatMap((part) => errorsOf(() => schema.validate(part as XmlElement))),
    ]
  }
}

function loadSchema(file: string): XsdValidator {
  using document = XmlDocument.fromString(readFileSync(file, 'utf8'))
  const schema = document.get('descendant-or-self::xs:schema', { xs: 'http://www.w3.org/2001/XMLSchema' })
  if (!schema) throw new Error(`${file} contains no schema`)
  // Serialised as a document of its own, with the namespaces declared around it.
  using standalone = XmlDocument.fromString(schema.canonicalizeToString())
  return XsdValidator.fromDoc(standalone)
}

function errorsOf(validate: () => void): string[] {
  try {
    validate()
    return []
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error
    return error.details.map(({ message }) => message.trim())
  }
}
