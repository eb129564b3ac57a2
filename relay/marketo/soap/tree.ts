/**
 * XML text → a tree of elements with their namespaces resolved, or the cause why not.
 *
 * The only file that knows the parser's shapes. No text changes: no number, no boolean, no trimming. Names count by
 * their namespace, never by their prefix.
 */
import { XMLParser } from 'fast-xml-parser'
import { decodeEntities } from './entities.ts'
import { XSI } from './namespaces.ts'
import { objectionTo } from './well-formed.ts'

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

/** Deeper than any reply in the WSDL (nine), shallow enough to be walked by recursion. */
const MAX_DEPTH = 32

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
    const nodes = parser.parse(text) as Node[]
    const [node] = nodes
    if (!node || nodes.length > 1) return { kind: 'malformed', cause: 'more than one root' }
    return { kind: 'tree', root: build(node, OUTERMOST) }
  } catch {
    // What is left after the checks above, and the parser's message would quote the document.
    return { kind: 'malformed', cause: `nested deeper than ${MAX_DEPTH} elements, or names that cannot be resolved` }
  }
}

/** @throws {TypeError} for a name that cannot be resolved, and for markup in an attribute */
function build(node: Node, outer: Scope): Element {
  const attributes = node[ATTRIBUTES] ?? {}
  if (Object.values(attributes).some((value) => value.includes('<'))) throw new TypeError('markup in an attribute')
  const scope = scopeOf(attributes, outer)
  const tag = Object.keys(node).find((key) => key !== ATTRIBUTES) ?? ''
  const element: Element = { ...resolve(tag, scope), nil: isNil(attributes, scope), text: '', children: [] }

  for (const inner of node[tag] as Node[]) {
    if (inner[TEXT] !== undefined) element.text += decodeEntities(inner[TEXT])
    else if (inner[CDATA]) element.text += inner[CDATA][0][TEXT]
    else element.children.push(build(inner, scope))
  }
  return element
}

function scopeOf(attributes: Attributes, outer: Scope): Scope {
  const declared = Object.entries(attributes).filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  if (declared.length === 0) return outer
  const scope = Object.create(outer) as Record<string, string>
  for (const [name, value] of declared) {
    const prefix = name.slice('xmlns:'.length)
    if (prefix && !value) throw new TypeError('a prefix for no namespace')
    scope[prefix] = decodeEntities(value)
  }
  return scope
}

/** The parser has seen to the rest of it. */
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
  const nils = Object.entries(attributes).filter(([qualified, value]) => {
    if (!qualified.includes(':') || qualified.startsWith('xmlns:')) return false
    const { namespace, name } = resolve(qualified, scope)
    return namespace === XSI && name === 'nil' && /^(?:true|1)$/.test(value.trim())
  })
  return nils.length > 0
}

/**
 * The one child of that name. By the schema it is unqualified; one that stands in its parent's namespace, as under a
 * default namespace, is the same element. Undefined when there is none, and when there are several.
 */
export function child(parent: Element | undefined, name: string): Element | undefined {
  const found = parent?.children.filter(
    (element) => element.name === name && (element.namespace === '' || element.namespace === parent.namespace),
  )
  return found?.length === 1 ? found[0] : undefined
}
