/**
 * Decides when a health issue becomes an alert: when it starts, escalates, is still ongoing, and is resolved.
 *
 * An `alert` function receives the alerts; by default they are logged. No alert holds a person's data.
 */
import { createLocalAlertStore, withUnsent, type AlertState, type AlertStore, type SeenIssues } from './alert-state.ts'
import { reasonOf, type Log } from './events.ts'
import { BACKLOG_AGE_MS, healthIssues, secondsSince, type HealthIssue, type IssueKind } from './health.ts'
import type { Outbox } from '../outbox/outbox.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/**
 * Minimum duration of an issue before it raises an alert, in ms. 0 where an operator must act; one minute where it may
 * clear by itself, such as a dropped connection or the backlog after a replay.
 */
const MIN_DURATION_MS: Readonly<Record<IssueKind, number>> = {
  'not-kept': 0,
  full: 0,
  blocked: 0,
  budget: 0,
  outage: MINUTE,
  backlog: MINUTE,
  weak: MINUTE,
  quarantined: 0,
  missing: 0,
  stranded: 0,
  'form-held': 0,
  expiring: 0,
  parked: 0,
  drift: 0,
  'turned-away': 0,
  withheld: 0,
  reader: 0,
}

/** Time between two alerts about an issue that does not change. */
const REMINDER_INTERVAL_MS = 60 * MINUTE

/** Minimum time between two checks, however often one is requested. */
const CHECK_INTERVAL_MS = 5 * SECOND

export interface Alert extends HealthIssue {
  /**
   * `escalated`: the count has doubled since the last alert, or the day's calls are now spent. `ongoing`: an hour has
   * passed since the last alert.
   */
  change: 'started' | 'escalated' | 'ongoing' | 'resolved'
  /** Time since the issue was first seen. */
  lastedSeconds: number
}

export interface AlertMonitor {
  /** Checks the outbox unless the last check was less than 5 s ago. Rejects when the outbox does not answer. */
  check(): Promise<void>
  /** Returns `time` or the time of the next check that is needed, whichever is earlier; undefined if there is neither. */
  nextCheckAt(time: number | undefined): number | undefined
}

export interface AlertMonitorOptions {
  outbox: Pick<Outbox, 'status'>
  /** Returns epoch milliseconds. */
  now: () => number
  log: Log
  /** Returns the issues that the storage itself reports. */
  storageIssues?: () => HealthIssue[]
  /** Delivers an alert to the operator. A failure is logged and changes nothing. */
  alert?: (alert: Alert) => void | Promise<void>
  /** Keeps the state. By default it is kept in memory. */
  store?: AlertStore
  /** Name of the account, among several. */
  account?: string
  /** Sends alerts to the receivers, of which there are so many. Without it they are logged alone. */
  webhooks?: { receivers: number; send: (store: AlertStore) => Promise<void> }
}

/** Creates a monitor. It only checks when `check` is called, and has no timer. */
export function createAlertMonitor({
  outbox,
  now,
  log,
  storageIssues = () => [],
  alert = logAlerts(log),
  store = createLocalAlertStore(),
  account,
  webhooks,
}: AlertMonitorOptions): AlertMonitor {
  let checkedAt = -Infinity
  /** A check was requested too soon after the last one. */
  let postponed = false
  /** When the next alert is due if the state of the outbox does not change. */
  let nextAt = Infinity

  async function check(): Promise<void> {
    const at = now()
    // A clock that was set back does not postpone the check.
    postponed = at >= checkedAt && at - checkedAt < CHECK_INTERVAL_MS
    if (postponed) return
    checkedAt = at

    // Read before the outbox's state: if another monitor writes after this, its state is newer, and our write fails.
    const before = (await store.read()) ?? {}
    const { unsent: unsentBefore = [], ...seenBefore } = before
    const status = await outbox.status(at)
    const { alerts, changed, seen, ...after } = compare(seenBefore, healthIssues(status, at, storageIssues()), at)
    const own = account === undefined ? alerts : alerts.map((each) => ({ account, ...each }))
    const unsent = withUnsent(unsentBefore, own, webhooks?.receivers ?? 0, at)
    const state: AlertState = { ...seen, ...(unsent.length > 0 && { unsent }) }
    const backlogAt = status.oldestAt === undefined ? Infinity : status.oldestAt + BACKLOG_AGE_MS
    const sendAt = Math.min(...unsent.map(({ dueAt }) => Math.max(dueAt, at + CHECK_INTERVAL_MS)))
    nextAt = Math.min(after.nextAt, backlogAt > at ? backlogAt : Infinity, sendAt)
    if (changed && !(await store.write(state, before))) {
      // Another monitor raises the alerts, or an alert was sent meanwhile.
      nextAt = at + CHECK_INTERVAL_MS
      return
    }
    // Delivery does not wait for alerts.
    for (const each of alerts) void raise(each)
    if (webhooks && unsent.length > 0) void webhooks.send(store)
  }

  async function raise(each: Alert): Promise<void> {
    try {
      await alert(each)
    } catch (error) {
      log({ event: 'error', where: 'alert', reason: reasonOf(error) })
    }
  }

  return {
    check,
    nextCheckAt(time) {
      const own = postponed ? checkedAt + CHECK_INTERVAL_MS : nextAt
      const first = Math.min(time ?? Infinity, own)
      return first === Infinity ? undefined : first
    },
  }
}

function logAlerts(log: Log): (alert: Alert) => void {
  return (alert) => log({ event: 'alert', ...alert })
}

/** Compares the current issues with those seen before. Returns the alerts to raise and when the next one is due. */
function compare(
  before: SeenIssues,
  issues: readonly HealthIssue[],
  now: number,
): { seen: SeenIssues; changed: boolean; alerts: Alert[]; nextAt: number } {
  const seen: SeenIssues = {}
  const alerts: Alert[] = []
  let changed = false
  let nextAt = Infinity

  for (const issue of issues) {
    const known = before[issue.kind] ?? { since: now }
    const change = changeOf(issue, known, now)
    const alerted = change ? { at: now, issue } : known.alerted
    seen[issue.kind] = { since: known.since, ...(alerted && { alerted }) }
    changed ||= change !== undefined || !before[issue.kind]
    nextAt = Math.min(nextAt, alerted ? alerted.at + REMINDER_INTERVAL_MS : known.since + MIN_DURATION_MS[issue.kind])
    if (change) alerts.push({ change, ...issue, lastedSeconds: secondsSince(known.since, now) })
  }
  for (const [kind, { since, alerted }] of Object.entries(before)) {
    if (kind in seen) continue
    changed = true
    if (alerted) alerts.push(resolved(alerted.issue, secondsSince(since, now)))
  }
  return { seen, changed, alerts, nextAt }
}

/** Makes the alert for an issue that is over, with the numbers of the last alert about it. */
function resolved({ kind, count, of, reason }: HealthIssue, lastedSeconds: number): Alert {
  return {
    change: 'resolved',
    kind,
    count,
    ...(of !== undefined && { of }),
    ...(reason !== undefined && { reason }),
    lastedSeconds,
  }
}

function changeOf(
  issue: HealthIssue,
  { since, alerted }: NonNullable<SeenIssues[IssueKind]>,
  now: number,
): 'started' | 'escalated' | 'ongoing' | undefined {
  if (!alerted) return now - since >= MIN_DURATION_MS[issue.kind] ? 'started' : undefined
  const isDouble = issue.count >= 2 * Math.max(1, alerted.issue.count)
  if (isDouble || (isSpent(issue) && !isSpent(alerted.issue))) return 'escalated'
  return now - alerted.at >= REMINDER_INTERVAL_MS ? 'ongoing' : undefined
}

function isSpent({ metLimit }: HealthIssue): boolean {
  return metLimit !== undefined
}
