/**
 * The strict mode: is this message exactly what the schema says? Names, order, namespaces, values, nothing more.
 *
 * Marketo itself is not that strict and names no faults for it. Chosen: 20017 for what is missing, 20012 for all else.
 */
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { MARKETO, type XmlElement } from '../read-xml.ts'
import { capital, ENUMERATIONS, headersOf, SIMPLE, TYPES, type Part } from './types.ts'

/** Throws the first fault, with a path to the element; the values themselves are never told. */
export function checkStrictly({ operation, params, headers }: Envelope): void {
  const allowed = headersOf(operation)
  for (const header of headers.filter(({ namespace }) => namespace === MARKETO)) {
    const type = Object.hasOwn(allowed, header.name) ? allowed[header.name] : undefined
    if (type === undefined) throw wrong(header.name, `is no header of ${operation}`)
    checkElement(header, type, header.name)
  }
  checkElement(params, `Params${capital(operation)}`, params.name)
}

function checkElement(element: XmlElement, type: string, path: string): void {
  const parts = TYPES[type]
  if (parts) checkChildren(element, parts, path)
  else checkValue(element, type, path)
}

function checkChildren({ children, text }: XmlElement, parts: readonly Part[], path: string): void {
  if (text.trim() !== '') throw wrong(path, 'holds text between its elements')
  for (const { namespace, name } of children) {
    if (namespace !== '') throw wrong(`${path}/${name}`, 'must be in no namespace')
    if (!parts.some((part) => part.name === name)) throw wrong(`${path}/${name}`, 'is not in the schema')
  }
  for (const { name } of parts.filter(({ required }) => required)) {
    if (!children.some((child) => child.name === name)) throw new SoapFault('20017', `${path}/${name} is missing`)
  }

  let reached = 0
  for (const [index, child] of children.entries()) {
    const place = parts.findIndex(({ name }) => name === child.name)
    const part = parts[place]
    const childPath = `${path}/${child.name}`
    if (!part || place < reached) throw wrong(childPath, `must stand before ${parts[reached]?.name}`)
    if (!part.many && children[index - 1]?.name === child.name) throw wrong(childPath, 'stands there twice')
    reached = place
    if (!child.nil) checkElement(child, part.type, childPath)
    else if (!part.nillable) throw wrong(childPath, 'must not be nil')
  }
}

function checkValue({ children, text }: XmlElement, type: string, path: string): void {
  if (children.length > 0) throw wrong(path, 'must hold text alone')
  const values = ENUMERATIONS[type]
  if (values && !values.includes(text)) throw wrong(path, `is none of ${values.join(', ')}`)
  if (SIMPLE.has(type) && !LEXICAL[type]?.test(text)) throw wrong(path, `is no ${type}`)
}

/** How values of XML Schema's own types are written. */
const LEXICAL: Readonly<Record<string, RegExp>> = {
  string: /^/,
  int: /^\s*[+-]?\d{1,10}\s*$/,
  boolean: /^\s*(true|false|1|0)\s*$/,
  dateTime: /^\s*\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?\s*$/,
}

function wrong(path: string, what: string): SoapFault {
  return new SoapFault('20012', `${path} ${what}`)
}
