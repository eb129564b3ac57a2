/**
 * Checks the form of a text before it is parsed: well-formed XML 1.0, free of what SOAP 1.1 forbids, and within the size
 * of a reply.
 *
 * The parser accepts almost anything, so the whole form is checked here; only namespaces are left to the reader. One pass
 * from left to right, which reads no character twice.
 */

/** Maximum depth of elements: more than the nine of any reply in the WSDL, and few enough for recursion. */
export const MAX_DEPTH = 32
/** Maximum number of elements and CDATA sections: 500 leads with 130 attributes each, a tree of some 100 MB. */
const MAX_NODES = 2 ** 18
/** Maximum number of attributes of an element, far more than in any reply. */
const MAX_ATTRIBUTES = 256

/** XML declaration, the only thing with the form of a processing instruction that is allowed. */
const DECLARATION =
  /^<\?xml\s+version\s*=\s*(["'])1\.[0-9]\1(?:\s+encoding\s*=\s*(["'])[A-Za-z][\w.-]*\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>/
/** A character outside XML 1.0's `Char` (2.2). */
const INVALID_CHARACTER = /[^\t\n\r -\uFFFD]/
const BLANK = /^[ \t\r\n]*$/
/** Ampersand that starts no reference. */
const BARE_AMPERSAND = /&(?!(?:[A-Za-z_:][\w.:-]*|#[0-9]+|#x[0-9A-Fa-f]+);)/

/** XML 1.0's `Name` (2.3), up to 256 characters. Marketo's names are shorter. */
const START =
  'A-Za-z_:\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD'
const NAME = `[${START}][${START}.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040-]{0,255}`

const OPEN = new RegExp(`<${NAME}`, 'y')
const ATTRIBUTE = new RegExp(`[ \\t\\r\\n]+(${NAME})[ \\t\\r\\n]*=[ \\t\\r\\n]*("[^<"]*"|'[^<']*')`, 'y')
const END = /[ \t\r\n]*\/?>/y
const BLANKS = /[ \t\r\n]*/y

/** Returns the reason why a text cannot be a SOAP message; undefined if its form is valid. */
export function checkForm(text: string): string | undefined {
  if (text.trim() === '') return 'empty'
  if (/^\s*<(?:!doctype\s+)?html\b/i.test(text)) return 'an HTML page'
  if (INVALID_CHARACTER.test(text)) return 'malformed XML'
  return scan(text)
}

function scan(text: string): string | undefined {
  const open: string[] = []
  let nodes = 0
  let at = DECLARATION.exec(text)?.[0].length ?? 0

  for (;;) {
    const tag = text.indexOf('<', at)
    const between = text.slice(at, tag < 0 ? text.length : tag)
    if (open.length > 0 ? !isCharacterData(between) : !BLANK.test(between)) return 'malformed XML'
    if (tag < 0) return nodes > 0 && open.length === 0 ? undefined : 'malformed XML'

    const next = text.charCodeAt(tag + 1)
    if (next === SLASH) {
      at = endOfClose(text, tag, open.pop())
    } else if (next === QUESTION) {
      // SOAP 1.1, section 3, forbids processing instructions, and DOCTYPE, the only place to declare entities.
      return 'a processing instruction'
    } else if (next === BANG) {
      if (text.startsWith('<!DOCTYPE', tag)) return 'a DOCTYPE'
      const isCData = open.length > 0 && text.startsWith('<![CDATA[', tag)
      if (isCData) nodes += 1
      at = isCData ? endOfCData(text, tag) : endOfComment(text, tag)
    } else {
      const nameEnd = endOf(OPEN, text, tag)
      if (nameEnd < 0 || (open.length === 0 && nodes > 0)) return 'malformed XML'
      const attributesEnd = endOfAttributes(text, nameEnd)
      at = attributesEnd < 0 ? -1 : endOf(END, text, attributesEnd)
      if (at > 0 && text.charCodeAt(at - 2) !== SLASH) open.push(text.slice(tag + 1, nameEnd))
      nodes += 1
    }
    if (at < 0) return 'malformed XML'
    if (nodes > MAX_NODES) return `more than ${MAX_NODES} elements`
    if (open.length > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH} elements`
  }
}

const SPACE = 32
const BANG = 33
const SLASH = 47
const GREATER = 62
const QUESTION = 63

/** Returns the end of a closing tag; -1 if its name is another. */
function endOfClose(text: string, from: number, name: string | undefined): number {
  if (name === undefined || !text.startsWith(name, from + 2)) return -1
  const end = endOf(BLANKS, text, from + 2 + name.length)
  return text.charCodeAt(end) === GREATER ? end + 1 : -1
}

/** Returns the end of a tag's attributes; -1 if one is malformed or repeated, or if there are too many. */
function endOfAttributes(text: string, from: number): number {
  const names = new Set<string>()
  let at = from
  // Most elements have no attribute, and no space after their name.
  while (text.charCodeAt(at) <= SPACE) {
    ATTRIBUTE.lastIndex = at
    const attribute = ATTRIBUTE.exec(text)
    if (!attribute) break
    const [, name = '', value = ''] = attribute
    if (names.has(name) || names.size === MAX_ATTRIBUTES || hasBareAmpersand(value)) return -1
    names.add(name)
    at = ATTRIBUTE.lastIndex
  }
  return at
}

/** Returns the end of a CDATA section; -1 if there is none. */
function endOfCData(text: string, from: number): number {
  const end = text.indexOf(']]>', from)
  return end < 0 ? -1 : end + 3
}

/** Returns the end of a comment; -1 if there is none, or if two dashes are inside it. */
function endOfComment(text: string, from: number): number {
  const dashes = text.startsWith('<!--', from) ? text.indexOf('--', from + 4) : -1
  return dashes >= 0 && text.startsWith('-->', dashes) ? dashes + 3 : -1
}

/** Returns the end of a sticky pattern's match at this position; -1 if it does not match. */
function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : -1
}

function isCharacterData(text: string): boolean {
  return !hasBareAmpersand(text) && !text.includes(']]>')
}

function hasBareAmpersand(text: string): boolean {
  return text.includes('&') && BARE_AMPERSAND.test(text)
}
