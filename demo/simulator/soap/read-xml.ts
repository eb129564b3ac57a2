/**
 * XML on the way in, read as strictly as a real server's parser does: by namespace and not by prefix, every value a
 * text, nothing trimmed, entities decoded once.
 */
import { XMLParser } from 'fast-xml-parser'
import { SoapFault } from './fault.ts'

export interface XmlElement {
  /** Empty when there is none. */
  namespace: string
  name: string
  /** True for `xsi:nil="true"`. */
  nil: boolean
  children: XmlElement[]
  /** All text that stands directly in it. */
  text: string
}

/** Deeper than any message that Marketo knows. */
const DEEPEST = 64

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Decoded below: the parser would also decode what stands in CDATA, and would leave an unknown entity as it is.
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: DEEPEST,
  // Nothing here asks where it is, and a path written out for every value is a third of the time.
  jPath: false,
})

/** The document's element. Throws 20012 for whatever is not well-formed XML, and for a DTD, which SOAP forbids. */
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

/** The first child of that name in one of the namespaces. */
export function childOf(
  element: XmlElement | undefined,
  name: string,
  namespaces: readonly string[] = LOCAL,
): XmlElement | undefined {
  return element?.children.find((child) => child.name === name && namespaces.includes(child.namespace))
}

/** Its text; undefined when it is missing, nil or empty. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  const child = childOf(element, name)
  return child === undefined || child.nil || child.text === '' ? undefined : child.text
}

export const MARKETO = 'http://www.marketo.com/mktows/'

/** Below Marketo's own roots the schema wants no namespace; Adobe's Java sample writes Marketo's all the same. */
const LOCAL = ['', MARKETO]

/** What the parser gives with `preserveOrder`: one key that is the tag's name, and its attributes under `:@`. */
type Node = Record<string, unknown>

/** Namespaces by their prefix; the default's prefix is empty. */
type Scope = ReadonlyMap<string, string>

const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
const ROOT_SCOPE: Scope = new Map([
  ['', ''],
  ['xml', 'http://www.w3.org/XML/1998/namespace'],
])

/** Characters that XML 1.0 cannot hold. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/

function readElement(node: Node, outer: Scope): XmlElement {
  const tag = tagOf(node)
  // Most elements of a message have none: three hundred leads are ten thousand elements.
  const attributes = node[':@'] === undefined ? NONE : Object.entries(node[':@'] as Record<string, string>)
  const scope = attributes.some(([name]) => name.startsWith('xmlns')) ? extended(outer, attributes) : outer
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

const NONE: readonly [string, string][] = []

function extended(outer: Scope, attributes: readonly [string, string][]): Scope {
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

/** `colon` is where the prefix ends; -1 where there is none. */
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

/** The five entities of XML and those by number. Any other is not defined anywhere, since there is no DTD. */
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

/** It says nothing of the message, which may hold a person's data. */
function notXml(cause?: unknown): SoapFault {
  return new SoapFault('20012', 'The message is not well-formed XML', { cause })
}
