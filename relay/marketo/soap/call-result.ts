/** Defines the result of one call. Types only: the transport turns it into verdicts, the client into a result or error. */
import type { Fault } from './reply.ts'

export type CallResult<Result> = { kind: 'done'; result: Result } | Failure

export type Failure =
  /** Marketo answered with a SOAP fault. */
  | { kind: 'fault'; status: number; fault: Fault }
  /** The response was not a reply of Marketo's. `after` is its `Retry-After`, in milliseconds. */
  | { kind: 'unreadable'; status: number; cause: string; after?: number }
  /** The endpoint redirected. Redirects are not followed, because a call carries personal data and a signature. */
  | { kind: 'redirect'; status: number; host: string }
  /** The connection failed, or was lost before the response began. */
  | { kind: 'unreachable'; error: unknown }
  /** The call took longer than `timeout`, in milliseconds. */
  | { kind: 'late'; timeout: number }
  /** The caller aborted. `sent` is true if the request may have reached Marketo by then. */
  | { kind: 'aborted'; error: unknown; sent: boolean }
  /** The request could not be signed with this key, and no request was sent. */
  | { kind: 'unsigned'; error: unknown }
