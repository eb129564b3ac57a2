/** Writes the XML of replies. All text passes through `escapeText`. Knows no operation. */

/**
 * Writes an envelope.
 *
 * @param body XML
 * @param namespaces further namespace declarations that the body needs
 */
export function writeEnvelope(body: string, namespaces = ''): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"${namespaces}>` +
    `<SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`
  )
}

/**
 * Writes the reply of a successful call.
 *
 * @param result XML inside `success<Name>/result`
 */
export function writeSuccess(name: string, result: string): string {
  return writeEnvelope(
    `<ns1:success${name}><result>${result}</result></ns1:success${name}>`,
    ' xmlns:ns1="http://www.marketo.com/mktows/"' +
      // As captured from Marketo: declared only if an element is nil.
      (result.includes(' xsi:nil=') ? ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' : ''),
  )
}

/** Writes an element with text; nil if there is none. */
export function writeElement(name: string, text: string | number | boolean | undefined | null): string {
  return text === undefined || text === null
    ? `<${name} xsi:nil="true"/>`
    : `<${name}>${escapeText(String(text))}</${name}>`
}

/** Writes an element with child elements; nil if there are none. */
export function writeList(name: string, elements: readonly string[]): string {
  return elements.length > 0 ? `<${name}>${elements.join('')}</${name}>` : writeElement(name, undefined)
}

/** Escapes text. A carriage return becomes a numeric reference, because parsers normalise it to a line feed. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPED[character] ?? character)
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }
