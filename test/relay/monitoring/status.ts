/** States of an outbox for the tests of health issues and alerts. */
import type { OutboxStatus } from '../../../relay/index.ts'
import { NOW } from '../../support/relay.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** End of the day on which calls are counted, in epoch milliseconds. */
const DAY_ENDS_AT = Date.UTC(2026, 10, 24, 6)

/** Returns the status of an outbox without issues, apart from the given values. */
export function statusWith(values: Partial<OutboxStatus> = {}): OutboxStatus {
  return { waiting: 0, held: 0, parked: 0, delivered: 0, day: { spent: 0, of: 5_000, endsAt: DAY_ENDS_AT }, ...values }
}

export const BREAKER = { reason: '20014 Authentication failed', retryAt: NOW + 5 * MINUTE, blocked: true }

export const BLOCKED = { waiting: 3, oldestAt: NOW, breaker: BREAKER } satisfies Partial<OutboxStatus>

export const OUTAGE = {
  waiting: 3,
  oldestAt: NOW,
  breaker: { ...BREAKER, reason: 'Marketo can’t be reached', blocked: false },
} satisfies Partial<OutboxStatus>

export const PARKED = { parked: 2, parkedAt: NOW } satisfies Partial<OutboxStatus>

/** Returns the part of a status that says how many of the day's 5,000 calls are spent. */
export function spent(calls: number): Pick<OutboxStatus, 'day'> {
  return { day: { spent: calls, of: 5_000, endsAt: DAY_ENDS_AT } }
}
