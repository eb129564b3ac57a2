/**
 * Reads XML text into a tree of elements with resolved namespaces.
 *
 * It compares names by namespace, never by prefix.
 */
import { decodeEntities } from './entities.ts'
import { XSI } from './namespaces.ts'
import { ATTRIBUTES, CDATA, TEXT, type Attributes, type Node } from './tree.ts'
import { parseTree } from './tree-parser.ts'
import { checkForm } from './well-formed.ts'

export interface Element {
  /** Namespace URI; '' for an unqualified element. */
  namespace: string
  /** Local name. */
  name: string
  /** True for `xsi:nil="true"`. */
  nil: boolean
  /** Text of the element itself, with entities decoded once and CDATA verbatim. */
  text: string
  children: Element[]
}

export type ParsedXml = { kind: 'tree'; root: Element } | { kind: 'malformed'; cause: string }

/** Namespaces by prefix, '' for the default namespace. The prototype of a scope is the enclosing scope. */
type Scope = Readonly<Record<string, string>>

const ROOT_SCOPE: Scope = Object.assign(Object.create(null), { '': '', xml: 'http://www.w3.org/XML/1998/namespace' })

/** Reads a whole document, in time and memory linear in its length. The cause never quotes the document. */
export function readXml(text: string): ParsedXml {
  const cause = checkForm(text)
  if (cause) return { kind: 'malformed', cause }

  try {
    return { kind: 'tree', root: build(parseTree(text), ROOT_SCOPE) }
  } catch {
    // The form was checked before, so only names are left. The error is dropped, because it would quote the document.
    return { kind: 'malformed', cause: 'invalid names or undeclared namespace prefixes' }
  }
}

/** Converts a node and its descendants. Throws for a name that cannot be resolved. */
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
    if (prefix && !value) throw new TypeError('a prefix is bound to no namespace')
    scope ??= Object.create(outer) as Record<string, string>
    scope[prefix] = decodeEntities(value)
  }
  return scope ?? outer
}

/** A local name. Its other characters were checked with the form. */
const LOCAL_NAME = /^[^-.0-9:][^:]*$/

function resolve(qualified: string, scope: Scope): { namespace: string; name: string } {
  const colon = qualified.indexOf(':')
  const namespace = colon === 0 ? undefined : scope[qualified.slice(0, Math.max(0, colon))]
  const name = qualified.slice(colon + 1)
  if (namespace === undefined || !LOCAL_NAME.test(name)) throw new TypeError('a name that cannot be resolved')
  return { namespace, name }
}

/**
 * Returns true for `xsi:nil="true"` or "1". Resolves every attribute name, so that an undeclared prefix is found; a name
 * without a prefix has no namespace, even under a default namespace.
 */
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
 * Returns the only child of this name; undefined if there is none, or more than one.
 *
 * The schema's children are unqualified. A child in its parent's namespace, as under a default namespace, counts as the
 * same element.
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

/** Returns all children of this name. */
export function childrenOf(parent: Element | undefined, name: string): Element[] {
  return parent?.children.filter((element) => isChild(element, parent, name)) ?? []
}

function isChild(element: Element, parent: Element | undefined, name: string): boolean {
  return element.name === name && (element.namespace === '' || element.namespace === parent?.namespace)
}
