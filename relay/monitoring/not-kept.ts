/**
 * Knows whether leads are lost at this moment, because the outbox cannot store them, and has that told. It needs no outbox: an
 * alert about it must not depend on what has failed.
 */
import { createLocalAlertStore, type AlertStore } from './alert-state.ts'
import { createAlertMonitor } from './alerts.ts'
import type { Log } from './events.ts'
import type { HealthIssue } from './health.ts'

export interface NotKept {
  /** Notes that a lead could not be stored. */
  failed(reason: string): void
  /** Notes that one was stored, which ends the issue. */
  stored(): void
  /** Returns the issue `not-kept`, if there is one. */
  issues(): HealthIssue[]
  /** Raises the alerts that are due, and sends those that were not taken. Call it at intervals. */
  check(): Promise<void>
}

export interface NotKeptOptions {
  /** Returns epoch milliseconds. */
  now: () => number
  log: Log
  /** Sends alerts to the receivers, of which there are so many. */
  webhooks: { receivers: number; send: (store: AlertStore) => Promise<void> }
}

/** Time after the last failure at which the issue ends without a lead that was stored, in ms: nobody may post any more. */
const LASTS_MS = 600_000

/** The monitor asks no outbox. */
const NOTHING = { waiting: 0, held: 0, parked: 0, delivered: 0, day: { spent: 0, of: Infinity, endsAt: 0 } }

/** Creates it. The failures are those of this process. */
export function createNotKept({ now, log, webhooks }: NotKeptOptions): NotKept {
  let failing: { leads: number; since: number; lastAt: number; reason: string } | undefined

  function issues(): HealthIssue[] {
    if (failing && now() - failing.lastAt >= LASTS_MS) failing = undefined
    if (!failing) return []
    const ageSeconds = Math.max(0, Math.round((now() - failing.since) / 1_000))
    return [{ kind: 'not-kept', count: failing.leads, ageSeconds, reason: failing.reason }]
  }

  const monitor = createAlertMonitor({
    outbox: { status: async () => NOTHING },
    now,
    log,
    storageIssues: issues,
    store: createLocalAlertStore(),
    webhooks,
  })

  return {
    failed(reason) {
      const at = now()
      failing = { leads: (failing?.leads ?? 0) + 1, since: failing?.since ?? at, lastAt: at, reason }
      void monitor.check()
    },
    stored() {
      if (!failing) return
      failing = undefined
      void monitor.check()
    },
    issues,
    check: () => monitor.check(),
  }
}
