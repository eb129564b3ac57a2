/** Writes the answers of the REST API as JSON. Knows no operation. */
import type { Reply } from '../serve-call.ts'
import type { ErrorEntry } from './errors.ts'

/** Content type of a reply, as recorded from Marketo. */
export const JSON_TYPE = 'application/json;charset=UTF-8'

/** Content of an answer. Adobe's samples have neither `errors` beside a result nor `warnings`, but for assets. */
export interface Envelope {
  requestId: string
  success: boolean
  result?: unknown[]
  errors?: ErrorEntry[]
  /** In answers of the asset API. */
  warnings?: string[]
  /** Token of the next page. */
  nextPageToken?: string
  /** In answers with activities or members. Leads have the token alone. */
  moreResult?: boolean
}

export function jsonReply(content: unknown, status = 200): Reply {
  return { status, type: JSON_TYPE, body: JSON.stringify(content) }
}

/** Returns an id such as `a1b2#18f00000001`: the number of the call and the time, both in hex. */
export function requestIdOf(call: number, now: number): string {
  return `${call.toString(16)}#${Math.floor(now).toString(16)}`
}
