/** What one call came to. Types only: the transport makes a verdict of it, the client a result or an error. */
import type { Fault } from './reply.ts'

export type Outcome<Result> = { kind: 'done'; result: Result } | Failure

export type Failure =
  /** Marketo refused, in SOAP. */
  | { kind: 'fault'; status: number; fault: Fault }
  /** Something answered, and not as Marketo does. `after` is how long it asks to be left alone, in milliseconds. */
  | { kind: 'unreadable'; status: number; cause: string; after?: number }
  /** Not followed: what comes along is a person's data and a signature. */
  | { kind: 'redirect'; status: number; host: string }
  /** No connection, or none that lasted until an answer. */
  | { kind: 'unreachable'; error: unknown }
  | { kind: 'late'; timeout: number }
  /** `sent` says whether it may have reached Marketo by then. */
  | { kind: 'aborted'; error: unknown; sent: boolean }
  /** Nothing was sent: the key cannot be used. */
  | { kind: 'unsigned'; error: unknown }
