/**
 * Defines the shape of an operation, by which the rest of the folder knows it, and its element in request and reply.
 *
 * Pure: no operation sends anything. Names and order of all elements are the WSDL's, in which 2_1 and 2_7 agree; child
 * elements are unqualified.
 */
import { MKTOWS } from '../xml/namespaces.ts'
import { child, type Element } from '../xml/reader.ts'
import type { AddIssue } from './check.ts'

export type OperationName =
  | 'syncLead'
  | 'syncMultipleLeads'
  | 'getLead'
  | 'describeMObject'
  | 'listMObjects'
  | 'requestCampaign'
  | 'listOperation'
  | RestOperationName

/** Operations that only the REST client has. */
type RestOperationName = 'describe' | 'getLeads' | 'associate' | 'submitForm' | 'addToList'

export interface Operation<Input, Result> {
  name: OperationName
  /** Maximum size of a reply, in bytes. */
  maxBytes: number
  /** Reports every issue of an input of any type. */
  check(input: unknown, addIssue: AddIssue): void
  /** Writes the content of the `params…` element as XML. */
  write(input: Input): string
  /** Reads the `result` element; returns undefined if a required element is missing. */
  read(result: Element, input: Input): Result | undefined
}

/** Maximum size of a reply without a list of records. */
export const SMALL_REPLY_BYTES = 2 ** 20
/** Maximum size of a list of statuses. 1,000 statuses take 200 KB, unless each has a long error text. */
export const LIST_REPLY_BYTES = 4 * 2 ** 20
/** Maximum size of a list of records, or of an object's fields, which take some 2 MB in a large Marketo. */
export const LARGE_REPLY_BYTES = 8 * 2 ** 20

/** Writes the root element of a request's body, with the prefix `ns1`. */
export function writeParams<Input>({ name, write }: Operation<Input, unknown>, input: Input): string {
  const root = `ns1:params${capitalize(name)}`
  return `<${root}>${write(input)}</${root}>`
}

/** Reads the root element of a reply's body; returns undefined if it is no success of this operation. */
export function readSuccess<Input, Result>(
  { name, read }: Operation<Input, Result>,
  body: Element,
  input: Input,
): Result | undefined {
  if (body.namespace !== MKTOWS || body.name !== `success${capitalize(name)}`) return undefined
  const result = child(body, 'result')
  return result && read(result, input)
}

function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
