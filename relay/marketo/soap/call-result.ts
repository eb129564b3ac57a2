/** Defines the result of one call. Types only: the transport turns it into verdicts, the client into a result or error. */
import type { HttpFailure } from '../http-failure.ts'
import type { Fault } from './reply.ts'

export type CallResult<Result> = { kind: 'done'; result: Result } | Failure

export type Failure =
  | HttpFailure
  /** Marketo answered with a SOAP fault. */
  | { kind: 'fault'; status: number; fault: Fault }
  /** The request could not be signed with this key, and no request was sent. */
  | { kind: 'unsigned'; error: unknown }
