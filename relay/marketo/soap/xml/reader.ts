/**
 * XML text → a tree of elements with their namespaces resolved, or the cause why not.
 *
 * The only file that knows the parser's shapes. No text changes: no number, no boolean, no trimming. Names count by
 * their namespace, never by their prefix.
 */
import { XMLParser } from 'fast-xml-parser'
import { decodeEntities } from './entities.ts'
import { XSI } from './namespaces.ts'
import { MAX_DEPTH, objectionTo } from './well-formed.ts'

export interface Element {
  /** Empty for an unqualified element. */
  namespace: string
  name: string
  /** True for `xsi:nil="true"`. */
  nil: boolean
  /** The element's own text: entities decoded once, CDATA as it stands, nothing trimmed. */
  text: string
  children: Element[]
}

export type Reading = { kind: 'tree'; root: Element } | { kind: 'malformed'; cause: string }

const TEXT = '#text'
const CDATA = '#cdata'
const ATTRIBUTES = ':@'

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  textNodeName: TEXT,
  cdataPropName: CDATA,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
  // It is made anew for each document, unless there is one; entities are left alone either way.
  entityDecoder: {
    setExternalEntities() {},
    addInputEntities() {},
    setXmlVersion() {},
    reset() {},
    decode: (text) => text,
  },
})

/** The parser's, in document order: an element under its own name, or a piece of text. */
interface Node {
  [TEXT]?: string
  [CDATA]?: [{ [TEXT]: string }]
  [ATTRIBUTES]?: Attributes
  [tag: string]: unknown
}
type Attributes = Readonly<Record<string, string>>

/** Prefix → namespace, the empty prefix for the default; an inner scope has the outer one as its prototype. */
type Scope = Readonly<Record<string, string>>

const OUTERMOST: Scope = Object.assign(Object.create(null), { '': '', xml: 'http://www.w3.org/XML/1998/namespace' })

/** Reads a whole document. Time and memory grow with its length alone. A cause never quotes the document. */
export function readXml(text: string): Reading {
  const cause = objectionTo(text)
  if (cause) return { kind: 'malformed', cause }

  try {
    const [node] = parser.parse(text) as [Node]
    return { kind: 'tree', root: build(node, OUTERMOST) }
  } catch {
    // What is left after the check of the form, and the parser's message would quote the document.
    return { kind: 'malformed', cause: 'names that cannot be resolved' }
  }
}

/** @throws {TypeError} for a name that cannot be resolved */
function build(node: Node, outer: Scope): Element {
  const attributes = node[ATTRIBUTES]
  const scope = attributes ? scopeOf(attributes, outer) : outer
  const tag = tagOf(node)
  const { namespace, name } = resolve(tag, scope)
  const nil = attributes !== undefined && isNil(attributes, scope)
  const element: Element = { namespace, name, nil, text: '', children: [] }

  for (const inner of node[tag] as Node[]) {
    if (inner[TEXT] !== undefined) element.text += decodeEntities(inner[TEXT])
    else if (inner[CDATA]) element.text += inner[CDATA][0][TEXT]
    else element.children.push(build(inner, scope))
  }
  return element
}

function tagOf(node: Node): string {
  for (const key in node) if (key !== ATTRIBUTES) return key
  return ''
}

function scopeOf(attributes: Attributes, outer: Scope): Scope {
  let scope: Record<string, string> | undefined
  for (const name in attributes) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue
    const value = attributes[name] ?? ''
    const prefix = name.slice('xmlns:'.length)
    if (prefix && !value) throw new TypeError('a prefix for no namespace')
    scope ??= Object.create(outer) as Record<string, string>
    scope[prefix] = decodeEntities(value)
  }
  return scope ?? outer
}

/** The check of the form has seen to the rest of it. */
const LOCAL_NAME = /^[^-.0-9:][^:]*$/

function resolve(qualified: string, scope: Scope): { namespace: string; name: string } {
  const colon = qualified.indexOf(':')
  const namespace = colon === 0 ? undefined : scope[qualified.slice(0, Math.max(0, colon))]
  const name = qualified.slice(colon + 1)
  if (namespace === undefined || !LOCAL_NAME.test(name)) throw new TypeError('a name that cannot be resolved')
  return { namespace, name }
}

/** Looks at every attribute. One without a prefix has no namespace, whatever the default is. */
function isNil(attributes: Attributes, scope: Scope): boolean {
  let nil = false
  for (const qualified in attributes) {
    if (!qualified.includes(':') || qualified.startsWith('xmlns:')) continue
    const { namespace, name } = resolve(qualified, scope)
    if (namespace === XSI && name === 'nil' && /^(?:true|1)$/.test((attributes[qualified] ?? '').trim())) nil = true
  }
  return nil
}

/**
 * The one child of that name. By the schema it is unqualified; one that stands in its parent's namespace, as under a
 * default namespace, is the same element. Undefined when there is none, and when there are several.
 */
export function child(parent: Element | undefined, name: string): Element | undefined {
  let only: Element | undefined
  for (const element of parent?.children ?? []) {
    if (!isChild(element, parent, name)) continue
    if (only) return undefined
    only = element
  }
  return only
}

/** The children of that name, one or many or none. */
export function childrenOf(parent: Element | undefined, name: string): Element[] {
  return parent?.children.filter((element) => isChild(element, parent, name)) ?? []
}

function isChild(element: Element, parent: Element | undefined, name: string): boolean {
  return element.name === name && (element.namespace === '' || element.namespace === parent?.namespace)
}
