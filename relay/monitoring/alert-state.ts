/**
 * What an alert monitor keeps, perhaps beyond its process: the issues that it has seen, and the alerts that were not sent yet.
 */
import type { Alert } from './alerts.ts'
import type { HealthIssue, IssueKind } from './health.ts'

/** The issues that a monitor has seen, by kind, with the last alert about each. */
export type SeenIssues = { [kind in IssueKind]?: { since: number; alerted?: { at: number; issue: HealthIssue } } }

/** An alert that one receiver has not taken yet. */
export interface UnsentAlert {
  /** The same for each attempt, so that a receiver can leave out what it has already. */
  id: string
  /** Index of the receiver in the configuration. */
  to: number
  alert: Alert
  /** When it was raised, in epoch ms. */
  at: number
  /** Attempts so far, the one under way included. */
  attempts: number
  /** When the next attempt is due, in epoch ms. */
  dueAt: number
}

/** It can be stored as JSON. */
export type AlertState = SeenIssues & { unsent?: UnsentAlert[] }

/**
 * Keeps the state of the alerts: none is repeated when the process restarts, and of several monitors on one outbox only one
 * raises and sends each.
 */
export interface AlertStore {
  read: () => AlertState | undefined | Promise<AlertState | undefined>
  /** Replaces `before` by `state`. Returns false if another monitor has replaced it since; that one raises the alerts. */
  write: (state: AlertState, before: AlertState) => boolean | Promise<boolean>
}

/** Keeps the state of one process. By default it is in memory alone. */
export function createLocalAlertStore(kept: KeptState = inMemory()): AlertStore {
  return {
    read: kept.get,
    write(state, before) {
      // Monitor and sender change it in turns.
      if (JSON.stringify(kept.get() ?? {}) !== JSON.stringify(before)) return false
      kept.put(state)
      return true
    },
  }
}

/** Where the state of one process is kept. */
export interface KeptState {
  get: () => AlertState | undefined
  put: (state: AlertState) => void
}

function inMemory(): KeptState {
  let kept: AlertState | undefined
  return { get: () => kept, put: (state) => void (kept = state) }
}

/** Maximum number of unsent alerts. Beyond it the oldest are given up. */
export const MAX_UNSENT = 100

/** Returns the list with an alert for each receiver added. All of them are due at once. */
export function withUnsent(
  unsent: readonly UnsentAlert[],
  alerts: readonly Alert[],
  receivers: number,
  at: number,
): UnsentAlert[] {
  const added = alerts.flatMap((alert) =>
    Array.from({ length: receivers }, (_, to) => ({
      id: `alert_${[alert.account, alert.kind, alert.change, at.toString(36)].filter(Boolean).join('_')}`,
      to,
      alert,
      at,
      attempts: 0,
      dueAt: at,
    })),
  )
  return [...unsent, ...added]
}
