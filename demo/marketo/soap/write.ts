/** XML on the way out. Every text enters it through `escapeText`. */

/** `body` is XML. The names for nil and for Marketo's own elements are declared only where a body uses them. */
export function writeEnvelope(body: string, namespaces = ''): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"${namespaces}>` +
    `<SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`
  )
}

/** One element with text; nil where there is none. */
export function writeElement(name: string, text: string | number | undefined): string {
  return text === undefined ? `<${name} xsi:nil="true"/>` : `<${name}>${escapeText(String(text))}</${name}>`
}

/** A carriage return is written by number, or a reader would take it for a line's end. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPED[character] ?? character)
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }
