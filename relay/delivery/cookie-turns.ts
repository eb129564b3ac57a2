/**
 * Associates owed cookies in turn, where several outboxes share the people of an account: asks the visitor's outbox first.
 * The rules are in `relay/outbox/cookie-turns.ts`.
 */
import { orderOf, type CookieTurns } from '../outbox/cookie-turns.ts'
import { leaseOf, type Limits } from '../outbox/limits/limits.ts'
import { STALE_COOKIE_NOTE } from '../outbox/unsent-cookie.ts'
import type { Transport, Verdict } from './transport.ts'

/** The outbox of a visitor, as another one calls it. It has its own clock. */
export interface VisitorOutbox {
  takeTurn(cookie: string, order: string, lastsMs: number): ReturnType<CookieTurns['takeTurn']>
}

/**
 * Returns an `associate` that calls Marketo in the cookie's turn alone.
 *
 * @param outboxOf returns the outbox of the visitor with a cookie
 */
export function associateInTurn(
  associate: Transport['associate'],
  outboxOf: (cookie: string) => VisitorOutbox,
  { timeout }: Pick<Limits, 'timeout'>,
  now: () => number,
): Transport['associate'] {
  const lease = leaseOf({ timeout })
  return async (owed) => {
    const askedAt = now()
    const ask = (lastsMs: number) =>
      outboxOf(owed.cookie)
        .takeTurn(owed.cookie, orderOf(owed), lastsMs)
        .catch(() => undefined)
    const waitMs = await ask(lease)
    if (waitMs === null) return { kind: 'unaffected', reason: STALE_COOKIE_NOTE, overtaken: true }
    if (waitMs) return later('another call with the cookie is under way', waitMs)
    // After a slow answer the rest of the lease may not be enough for the call.
    if (waitMs === undefined || now() - askedAt > (lease - timeout) / 2) {
      return later("the visitor's outbox does not answer")
    }
    const verdict = await associate(owed)
    // Marketo may still be processing a call whose reply is lost. Nothing waits for the end, and it may fail.
    if (verdict.kind !== 'failed' || verdict.arrived !== 'maybe') void ask(0)
    return verdict
  }
}

/** Returns the verdict on a call that was not made. */
function later(reason: string, waitMs = 0): Verdict {
  return { kind: 'failed', fault: 'lead', arrived: 'no', reason, waitMs }
}
