/** XML on the way out. Every text enters it through `escapeText`. */

/** `body` is XML. The names for nil and for Marketo's own elements are declared only where a body uses them. */
export function writeEnvelope(body: string, namespaces = ''): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"${namespaces}>` +
    `<SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`
  )
}

/** A successful call's answer. `result` is what stands inside `success<Name>/result`. */
export function writeSuccess(name: string, result: string): string {
  return writeEnvelope(
    `<ns1:success${name}><result>${result}</result></ns1:success${name}>`,
    ' xmlns:ns1="http://www.marketo.com/mktows/"' +
      // As captured: declared only where something is nil.
      (result.includes(' xsi:nil=') ? ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' : ''),
  )
}

/** One element with text; nil where there is none. */
export function writeElement(name: string, text: string | number | boolean | undefined | null): string {
  return text === undefined || text === null
    ? `<${name} xsi:nil="true"/>`
    : `<${name}>${escapeText(String(text))}</${name}>`
}

/** One element with others in it; nil where there are none. */
export function writeList(name: string, elements: readonly string[]): string {
  return elements.length > 0 ? `<${name}>${elements.join('')}</${name}>` : writeElement(name, undefined)
}

/** A carriage return is written by number, or a reader would take it for a line's end. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPED[character] ?? character)
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }
