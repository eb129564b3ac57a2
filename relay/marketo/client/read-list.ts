/** Makes the reading calls about the tenant that return a list. They change nothing. An answer without a list is a failure. */
import type { Call, Failure, RestRequest } from '../rest/call.ts'
import { isObject, type Json } from '../rest/exchange.ts'

type Read<T> = { kind: 'done'; result: T } | Failure

/** A list that Marketo returns: where it is, and how an entry is read. An entry that is read as undefined is left out. */
export interface List<T> {
  path: string
  parse: (entry: Json) => T | undefined
}

/** Maximum size of a list, in bytes: the fields of a large tenant. */
const MAX_LIST_BYTES = 8_000_000

export const requestFor = ({ path }: List<unknown>): RestRequest => ({ method: 'GET', path, maxBytes: MAX_LIST_BYTES })

/** Reads the result of a call; undefined if it is no list. */
export function parseList<T>(result: unknown, { parse }: List<T>): T[] | undefined {
  if (!Array.isArray(result)) return undefined
  return result
    .filter(isObject)
    .map(parse)
    .filter((entry) => entry !== undefined)
}

/** Makes the call and reads its result. Never rejects. */
export async function readList<T>(call: Call, list: List<T>, timeout: number): Promise<Read<T[]>> {
  const answer = await call(requestFor(list), timeout)
  if (answer.kind !== 'done') return answer
  const result = parseList(answer.result, list)
  return result ? { kind: 'done', result } : { kind: 'unreadable', status: 200, cause: 'not a list' }
}
