/**
 * What every operation is made of. The rest of the folder knows operations by this shape alone.
 *
 * Pure: nothing here or beside it sends anything. Names and order of all elements are the WSDL's, in which 2_1 and 2_7
 * agree; children are unqualified.
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

export interface Operation<Input, Result> {
  name: OperationName
  /** The longest reply that is read, in bytes. */
  maxBytes: number
  /** Says all that keeps an input from being sent. Takes whatever a program or a JSON text may hold. */
  check(input: unknown, complain: AddIssue): void
  /** What stands inside `params…`, as XML. */
  write(input: Input): string
  /** What a `result` says; undefined when it lacks what the WSDL promises. */
  read(result: Element, input: Input): Result | undefined
}

/** A reply without a list of records. */
export const SMALL_REPLY = 2 ** 20
/** A list of statuses: 1,000 of them have 200 KB, unless each explains itself at length. */
export const LIST_REPLY = 4 * 2 ** 20
/** Whole records, or the fields of an object: a large Marketo's have some 2 MB. */
export const LARGE_REPLY = 8 * 2 ** 20

/** The body's root of a call, as XML with the prefix `ns1`. */
export function writeParams<Input>({ name, write }: Operation<Input, unknown>, input: Input): string {
  const root = `ns1:params${capital(name)}`
  return `<${root}>${write(input)}</${root}>`
}

/** What the body's root of a reply says; undefined when it is no success of this operation. */
export function readSuccess<Input, Result>(
  { name, read }: Operation<Input, Result>,
  body: Element,
  input: Input,
): Result | undefined {
  if (body.namespace !== MKTOWS || body.name !== `success${capital(name)}`) return undefined
  const result = child(body, 'result')
  return result && read(result, input)
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
