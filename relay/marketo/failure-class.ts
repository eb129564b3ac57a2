/** The class of a failed call: a verdict without its reason. The codes of both APIs are tables of these. */
import type { Verdict } from '../delivery/transport.ts'

/** Class of a failure of a lead that went alone. */
export type FailureClass =
  | { kind: 'park' }
  | Omit<Verdict & { kind: 'blocked' }, 'reason'>
  | Omit<Verdict & { kind: 'limited' }, 'reason'>
  | Omit<Verdict & { kind: 'failed' }, 'reason'>

/** Length of the window in which 100 calls are too many, in ms. */
export const RATE_WINDOW_MS = 20_000

/** This lead, or the call made for it, will never be taken as it is. */
export const NEVER: FailureClass = { kind: 'park' }
/** No lead will be taken until a person acts. */
export const BLOCKED: FailureClass = { kind: 'blocked' }
/**
 * Marketo does not understand the request. Every lead would fail when something changes requests on their way; one lead
 * alone fails when it holds what is changed.
 */
export const NOT_UNDERSTOOD: FailureClass = { kind: 'blocked', maxAttempts: 3 }
/** An internal error of Marketo. Usually of all calls, but it has also been seen for one faulty request. */
export const INTERNAL: FailureClass = { kind: 'failed', fault: 'account', arrived: 'yes', maxAttempts: 20 }
/** A failure that is as likely to be final as to pass. */
export const DOUBTFUL = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5 } satisfies FailureClass

/** The daily quota is spent. It is reset at midnight US Central: the call budget probes it until then. */
export const QUOTA_SPENT: FailureClass = { kind: 'limited', limit: 'day', waitMs: 0 }
/** The signature or the token was too old; the next attempt has a new one. */
export const EXPIRED: FailureClass = { kind: 'failed', fault: 'account', arrived: 'yes', waitMs: 1_000 }
/** The window has passed by then. */
export const RATE_EXCEEDED: FailureClass = { kind: 'limited', limit: 'rate', waitMs: RATE_WINDOW_MS }
/** Ten calls are under way; others end soon. */
export const CONCURRENCY_EXCEEDED: FailureClass = { kind: 'limited', limit: 'concurrency', waitMs: 2_000 }
