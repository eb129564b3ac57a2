/**
 * Parses XML as strictly as a real server does: by namespace, not by prefix; without trimming; entities decoded once.
 * Every value is text. Knows nothing of SOAP except Marketo's namespace.
 */
import { XMLParser } from 'fast-xml-parser'
import { SoapFault } from './fault.ts'

export interface XmlElement {
  /** Empty if there is none. */
  namespace: string
  name: string
  /** True for `xsi:nil="true"`. */
  nil: boolean
  children: XmlElement[]
  /** Concatenated text nodes that are direct children. */
  text: string
}

/** Maximum depth of nesting. No message of Marketo is nearly as deep. */
const MAX_DEPTH = 64

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // `decode` does this. The parser would also decode CDATA, and would leave unknown entities unchanged.
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
  // Building unused paths for all values would take a third of the parsing time.
  jPath: false,
})

/**
 * Returns the root element.
 *
 * @throws fault 20012 if the XML is not well-formed or has a DTD, which SOAP forbids
 */
export function readXml(xml: string): XmlElement {
  const prolog = xml.slice(0, xml.search(/<[^?!]/))
  if (prolog.includes('<!DOCTYPE')) throw new SoapFault('20012', 'A SOAP message must not contain a DTD')
  if (FORBIDDEN.test(xml)) throw notXml()
  let nodes: Node[]
  try {
    nodes = parser.parse(xml, true) as Node[]
  } catch (cause) {
    throw notXml(cause)
  }
  const elements = nodes.filter(isElement)
  const [root] = elements
  if (!root || elements.length > 1) throw notXml()
  return readElement(root, ROOT_SCOPE)
}

/** Returns the first child with this name in one of the namespaces. */
export function childOf(
  element: XmlElement | undefined,
  name: string,
  namespaces: readonly string[] = LOCAL,
): XmlElement | undefined {
  return element?.children.find((child) => child.name === name && namespaces.includes(child.namespace))
}

/** Returns the text of the first child with this name; undefined if it is missing, nil or empty. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  const child = childOf(element, name)
  return child === undefined || child.nil || child.text === '' ? undefined : child.text
}

export const MARKETO = 'http://www.marketo.com/mktows/'

/** Namespaces of local elements. The schema requires none, but Adobe's Java sample writes Marketo's. */
const LOCAL = ['', MARKETO]

/** A node of the parser with `preserveOrder`: one key is the tag name, `:@` holds the attributes. */
type Node = Record<string, unknown>

/** Namespaces by prefix. The prefix of the default namespace is empty. */
type Scope = ReadonlyMap<string, string>

const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
const ROOT_SCOPE: Scope = new Map([
  ['', ''],
  ['xml', 'http://www.w3.org/XML/1998/namespace'],
])

/** Characters that XML 1.0 does not allow. */
// oxlint-disable-next-line no-control-regex -- the expression looks for control characters
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/

function readElement(node: Node, outer: Scope): XmlElement {
  const tag = tagOf(node)
  // Saves an allocation per element: 300 leads have 10,000 elements, nearly all without attributes.
  const attributes = node[':@'] === undefined ? NO_ATTRIBUTES : Object.entries(node[':@'] as Record<string, string>)
  const scope = attributes.some(([name]) => name.startsWith('xmlns')) ? extendScope(outer, attributes) : outer
  const colon = tag.indexOf(':')
  const element: XmlElement = {
    namespace: namespaceOf(tag, colon, scope),
    name: colon === -1 ? tag : tag.slice(colon + 1),
    nil: attributes.some(([name, value]) => isNil(name, value, scope)),
    children: [],
    text: '',
  }
  for (const child of node[tag] as Node[]) {
    if ('#text' in child) element.text += decode(child['#text'] as string)
    else if ('#cdata' in child) element.text += (child['#cdata'] as { '#text': string }[])[0]?.['#text'] ?? ''
    else element.children.push(readElement(child, scope))
  }
  return element
}

const NO_ATTRIBUTES: readonly [string, string][] = []

function extendScope(outer: Scope, attributes: readonly [string, string][]): Scope {
  const scope = new Map(outer)
  for (const [name, value] of attributes) {
    if (name === 'xmlns') scope.set('', decode(value))
    else if (name.startsWith('xmlns:')) scope.set(name.slice(6), decode(value))
  }
  return scope
}

function isNil(name: string, value: string, scope: Scope): boolean {
  if (!name.endsWith(':nil')) return false
  return namespaceOf(name, name.indexOf(':'), scope) === XSI && ['true', '1'].includes(value.trim())
}

/** @param colon index of the colon after the prefix, -1 if there is no prefix */
function namespaceOf(tag: string, colon: number, scope: Scope): string {
  const namespace = scope.get(tag.slice(0, Math.max(colon, 0)))
  if (namespace === undefined) throw notXml()
  return namespace
}

function isElement(node: Node): boolean {
  const tag = tagOf(node)
  return !tag.startsWith('#')
}

function tagOf(node: Node): string {
  for (const key in node) if (key !== ':@') return key
  return '#nothing'
}

/** Decodes XML's five entities and numeric references. Any other entity is an error, since there is no DTD. */
function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;&]*;?)/g, (_, reference: string) => {
    const named = ENTITIES.get(reference)
    if (named !== undefined) return named
    const number = /^#(?:x([0-9a-fA-F]+)|(\d+));$/.exec(reference)
    const code = number?.[1] === undefined ? Number(number?.[2] ?? NaN) : Number.parseInt(number[1], 16)
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw notXml()
    const character = String.fromCodePoint(code)
    if (FORBIDDEN.test(character)) throw notXml()
    return character
  })
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp;', '&'],
  ['lt;', '<'],
  ['gt;', '>'],
  ['quot;', '"'],
  ['apos;', "'"],
])

/** Returns the fault without details of the message, which may contain personal data. */
function notXml(cause?: unknown): SoapFault {
  return new SoapFault('20012', 'The message is not well-formed XML', { cause })
}
