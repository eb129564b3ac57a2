/**
 * Judges SOAP messages by a validator that is not ours: libxml2, the one behind `xmllint`.
 *
 * The frame is held to SOAP 1.1, and each part of header and body to the given schema.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XmlDocument, type XmlElement, XmlLibError, XsdValidator } from 'libxml2-wasm'

/** What is wrong with a message; empty when it is valid. */
export type Validate = (message: string) => string[]

const SOAP = { s: 'http://schemas.xmlsoap.org/soap/envelope/' }
const frame = schemaIn(join(import.meta.dirname, 'soap-envelope.xsd'))

/** By our own schema. */
export const validateMessage: Validate = validatorOf(join(import.meta.dirname, 'mktows.xsd'))

/** By the schema that stands in a file, be it an XSD or a WSDL with the schema in its types. */
export function validatorOf(file: string): Validate {
  const schema = schemaIn(file)
  return (message) => {
    using document = XmlDocument.fromString(message)
    const parts = document.find('/s:Envelope/s:Header/* | /s:Envelope/s:Body/*[not(self::s:Fault)]', SOAP)
    return [
      ...complaints(() => frame.validate(document)),
      ...parts.flatMap((part) => complaints(() => schema.validate(part as XmlElement))),
    ]
  }
}

function schemaIn(file: string): XsdValidator {
  using document = XmlDocument.fromString(readFileSync(file, 'utf8'))
  const schema = document.get('descendant-or-self::xs:schema', { xs: 'http://www.w3.org/2001/XMLSchema' })
  if (!schema) throw new Error(`${file} holds no schema`)
  // Written anew on its own, with the namespaces that were declared around it.
  using alone = XmlDocument.fromString(schema.canonicalizeToString())
  return XsdValidator.fromDoc(alone)
}

function complaints(validate: () => void): string[] {
  try {
    validate()
    return []
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error
    return error.details.map(({ message }) => message.trim())
  }
}
