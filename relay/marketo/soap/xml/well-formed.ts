/**
 * What a text must be before it is parsed: XML 1.0 in form, free of what SOAP forbids, and no larger a tree than a reply
 * can be.
 *
 * The parser takes nearly anything, so all of the form is seen to here; what is left to the tree are names without a
 * namespace. One pass from left to right, in which nothing is looked at twice.
 */

/** Deeper than any reply in the WSDL (nine), shallow enough to be walked by recursion. */
export const MAX_DEPTH = 32
/** Elements and CDATA: 500 people with 130 attributes each. The tree then takes some 100 MB. */
const MAX_NODES = 2 ** 18
/** Far more than any element of a reply has. */
const MAX_ATTRIBUTES = 256

/** The declaration, which alone may look like a processing instruction. */
const DECLARATION =
  /^<\?xml\s+version\s*=\s*(["'])1\.[0-9]\1(?:\s+encoding\s*=\s*(["'])[A-Za-z][\w.-]*\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>/
/** What XML 1.0 cannot hold. */
const UNFIT = /[^\t\n\r -\uFFFD]/
const BLANK = /^[ \t\r\n]*$/
/** An ampersand that starts no reference. */
const BARE_AMPERSAND = /&(?!(?:[A-Za-z_:][\w.:-]*|#[0-9]+|#x[0-9A-Fa-f]+);)/

/** XML 1.0's `Name`, 2.3. Longer ones than 256 characters are none of Marketo's. */
const START =
  'A-Za-z_:\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD'
const NAME = `[${START}][${START}.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040-]{0,255}`

const OPEN = new RegExp(`<${NAME}`, 'y')
const ATTRIBUTE = new RegExp(`[ \\t\\r\\n]+(${NAME})[ \\t\\r\\n]*=[ \\t\\r\\n]*("[^<"]*"|'[^<']*')`, 'y')
const END = /[ \t\r\n]*\/?>/y
const BLANKS = /[ \t\r\n]*/y

/** What is wrong with a text that should be a SOAP message; undefined when nothing is. */
export function objectionTo(text: string): string | undefined {
  if (text.trim() === '') return 'empty'
  if (/^\s*<(?:!doctype\s+)?html\b/i.test(text)) return 'an HTML page'
  if (UNFIT.test(text)) return 'malformed XML'
  return scan(text)
}

function scan(text: string): string | undefined {
  const open: string[] = []
  let nodes = 0
  let at = DECLARATION.exec(text)?.[0].length ?? 0

  for (;;) {
    const tag = text.indexOf('<', at)
    const words = text.slice(at, tag < 0 ? text.length : tag)
    if (open.length > 0 ? !isText(words) : !BLANK.test(words)) return 'malformed XML'
    if (tag < 0) return nodes > 0 && open.length === 0 ? undefined : 'malformed XML'

    const next = text.charCodeAt(tag + 1)
    if (next === SLASH) {
      at = endOfClose(text, tag, open.pop())
    } else if (next === QUESTION) {
      // SOAP 1.1, section 3: no processing instruction, and no DOCTYPE, which alone can declare entities.
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

/** Where the end of an element ends; -1 when it is another's. */
function endOfClose(text: string, from: number, name: string | undefined): number {
  if (name === undefined || !text.startsWith(name, from + 2)) return -1
  const end = endOf(BLANKS, text, from + 2 + name.length)
  return text.charCodeAt(end) === GREATER ? end + 1 : -1
}

/** Where the attributes from here on end; -1 when one is broken or stands twice, or when there are too many. */
function endOfAttributes(text: string, from: number): number {
  const names = new Set<string>()
  let at = from
  // Most elements have none, and then their name is followed by their end.
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

function endOfCData(text: string, from: number): number {
  const end = text.indexOf(']]>', from)
  return end < 0 ? -1 : end + 3
}

/** No two dashes may stand in it but those of its end. */
function endOfComment(text: string, from: number): number {
  const dashes = text.startsWith('<!--', from) ? text.indexOf('--', from + 4) : -1
  return dashes >= 0 && text.startsWith('-->', dashes) ? dashes + 3 : -1
}

/** Where a sticky pattern ends that begins here; -1 when it does not. */
function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : -1
}

function isText(words: string): boolean {
  return !hasBareAmpersand(words) && !words.includes(']]>')
}

function hasBareAmpersand(words: string): boolean {
  return words.includes('&') && BARE_AMPERSAND.test(words)
}
