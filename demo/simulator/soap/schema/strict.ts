/**
 * Checks in strict mode that a message conforms to the schema: names, order, namespaces, values. Changes nothing.
 *
 * Marketo is less strict and documents no faults for this. Chosen: 20017 for a missing element, 20012 for all else.
 */
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { MARKETO, type XmlElement } from '../read-xml.ts'
import { capitalize, ENUMERATIONS, headersOf, TYPES, XSD_TYPES, type Part } from './types.ts'

/** @throws the fault of the first violation, with the path to the element and without its value */
export function checkStrictly({ operation, params, headers }: Envelope): void {
  const allowed = headersOf(operation)
  for (const header of headers.filter(({ namespace }) => namespace === MARKETO)) {
    const type = Object.hasOwn(allowed, header.name) ? allowed[header.name] : undefined
    if (type === undefined) throw violation(header.name, `is not a header of ${operation}`)
    checkElement(header, type, header.name)
  }
  checkElement(params, `Params${capitalize(operation)}`, params.name)
}

function checkElement(element: XmlElement, type: string, path: string): void {
  const parts = TYPES[type]
  if (parts) checkChildren(element, parts, path)
  else checkValue(element, type, path)
}

function checkChildren({ children, text }: XmlElement, parts: readonly Part[], path: string): void {
  if (text.trim() !== '') throw violation(path, 'contains text between its elements')
  for (const { namespace, name } of children) {
    if (namespace !== '') throw violation(`${path}/${name}`, 'must not have a namespace')
    if (!parts.some((part) => part.name === name)) throw violation(`${path}/${name}`, 'is not in the schema')
  }
  for (const { name } of parts.filter(({ required }) => required)) {
    if (!children.some((child) => child.name === name)) throw new SoapFault('20017', `${path}/${name} is missing`)
  }

  let reached = 0
  for (const [index, child] of children.entries()) {
    const place = parts.findIndex(({ name }) => name === child.name)
    const part = parts[place]
    const childPath = `${path}/${child.name}`
    if (!part || place < reached) throw violation(childPath, `must come before ${parts[reached]?.name}`)
    if (!part.many && children[index - 1]?.name === child.name) throw violation(childPath, 'occurs twice')
    reached = place
    if (!child.nil) checkElement(child, part.type, childPath)
    else if (!part.nillable) throw violation(childPath, 'must not be nil')
  }
}

function checkValue({ children, text }: XmlElement, type: string, path: string): void {
  if (children.length > 0) throw violation(path, 'must contain only text')
  const values = ENUMERATIONS[type]
  if (values && !values.includes(text)) throw violation(path, `must be one of ${values.join(', ')}`)
  if (XSD_TYPES.has(type) && !PATTERNS[type]?.test(text)) throw violation(path, `is not a valid ${type}`)
}

/** Lexical forms of XML Schema's types, as far as supported calls have them. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  string: /^/,
  int: /^\s*[+-]?\d{1,10}\s*$/,
  boolean: /^\s*(true|false|1|0)\s*$/,
  dateTime: /^\s*\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?\s*$/,
}

function violation(path: string, problem: string): SoapFault {
  return new SoapFault('20012', `${path} ${problem}`)
}
