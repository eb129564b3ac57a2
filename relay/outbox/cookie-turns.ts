/**
 * Turns of a visitor's cookie, where several outboxes share the people of an account. Pure.
 *
 * The cookie of a delivered lead is owed in the outbox of its person. That of the visitor says which owed cookie may be
 * associated now: one call at a time, and none once a newer lead of the visitor has asked. Only order and time are shared,
 * so that nothing is lost when either outbox dies.
 */
import type { OwedCookie } from './outbox.ts'

/** The turns of the visitors of one outbox. */
export interface CookieTurns {
  /**
   * Asks for a turn, once more after 0 ms to end it. Resolves once the answer is durable.
   *
   * @param lastsMs time after which the call of the turn must be over
   * @returns the time in ms until another call with the cookie must be over, 0 for a turn, and null for none any more:
   *   a larger `order` has asked
   */
  takeTurn(cookie: string, order: string, lastsMs: number, now: number): Promise<number | null>
  /** Forgets the ids of leads whose person was erased, and Marketo's id. The order of their visitors stays. */
  forgetTurns(ids: readonly string[]): Promise<void>
}

/** What a visitor's outbox knows of a visitor. */
export interface VisitorRow {
  [column: string]: string | number
  /** The order of the newest lead that has asked. */
  newest: string
  /** When the last turn began, and for how long it lasts. */
  began_at: number
  lasts_ms: number
}

/**
 * Returns the place of an owed cookie among those of its visitor, the same in every outbox. A later lead has a larger text:
 * times have 13 digits until the year 2286. Two people may have one id, at one time.
 */
export function orderOf({ acceptedAt, id, leadId }: OwedCookie): string {
  return `${acceptedAt} ${id} ${leadId}`
}

/** Returns what is known of a visitor once a lead has asked for a turn, and how long it waits; undefined for no turn. */
export function nextTurn(
  { newest, began_at, lasts_ms }: VisitorRow = { newest: '', began_at: 0, lasts_ms: 0 },
  order: string,
  lastsMs: number,
  now: number,
): (VisitorRow & { waitMs: number }) | undefined {
  if (newest > order) return undefined
  // After the clock went backwards, a turn lasts its own length from now on.
  const beganAt = Math.min(began_at, now)
  const waitMs = beganAt + lasts_ms - now
  return waitMs > 0 && lastsMs > 0
    ? { newest: order, began_at: beganAt, lasts_ms, waitMs }
    : { newest: order, began_at: now, lasts_ms: lastsMs, waitMs: 0 }
}
