/** Defines what an operation of the REST API is. Types only. */
import type { Marketo } from '../../marketo.ts'
import type { EmailSnapshot } from '../../people/people.ts'
import type { RecordView } from '../../view.ts'
import type { ErrorEntry } from '../errors.ts'
import type { Envelope } from '../reply.ts'

export interface Operation {
  /** Name in `/sim/calls` and `/sim/faults`. */
  name: string
  method: 'GET' | 'POST' | 'DELETE'
  /** Its groups are the parameters in the path. */
  path: RegExp
  /** True: the call has a JSON body. */
  hasBody?: true
  /** Returns the leads of a call, for `/sim/calls`. Rejects nothing. */
  records?: (marketo: Marketo, json: unknown) => RecordView[]
  /** @throws RestError if the call is rejected; nothing has been changed then */
  run: (marketo: Marketo, call: OperationCall) => OperationResult
}

export interface OperationCall {
  /** Groups of the path. */
  path: readonly string[]
  query: URLSearchParams
  /** The parsed body, if the operation has one. */
  json: unknown
  /** Number of the call. */
  call: number
  /** Addresses as they were when the call began. */
  snapshot: EmailSnapshot
  /** An injected refusal of the call's leads, or of those with this address. */
  refusal?: Refusal | undefined
}

export interface Refusal {
  email: string | undefined
  /** Rest of the answer for a lead that is skipped. */
  answer: { reasons?: ErrorEntry[] }
}

export interface OperationResult extends Pick<
  Envelope,
  'result' | 'errors' | 'warnings' | 'nextPageToken' | 'moreResult'
> {
  /** The lead, if the call is for one. */
  leadId?: number
}
