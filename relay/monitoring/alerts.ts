/**
 * What is wrong, as far as the outbox can say: a pure list. And a watch, which tells what it finds when it begins, grows,
 * lasts and ends.
 *
 * The watch is the one place where an alert hooks in: it is handed one, and without one the log is told. Nothing here
 * holds a person's data.
 */
import { iso, reasonOf, type Log } from './events.ts'
import type { Outbox, OutboxStatus } from '../outbox/outbox.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** A lead takes seconds, and a hiccup of Marketo's a minute or two: one that waits for longer is asked about. */
const BACKLOG_AFTER = 5 * MINUTE

/** Of the day's calls. A fifth is left to act with: to see who uses them, and to have the limit raised. */
const BUDGET_SOON = 0.8

/**
 * So long it must last before it is told. What passes by itself, as a dropped connection or the rush after a replay does,
 * is not worth a person's time; what needs a person is told at once.
 */
const MIN_DURATION_MS: Readonly<Record<IssueKind, number>> = {
  blocked: 0,
  budget: 0,
  outage: MINUTE,
  backlog: MINUTE,
  parked: 0,
}

/** Told again after so long, while it lasts. */
const REMINDER = HOUR

/** Looked at most once in so long, however much happens meanwhile. */
const PAUSE = 5 * SECOND

/**
 * `blocked`: Marketo refuses us, until someone acts · `budget`: the day's calls are spent, or soon will be ·
 * `outage`: nothing gets through, and it is tried again by itself · `backlog`: leads wait too long ·
 * `parked`: leads are out of the queue, and a person decides.
 */
type IssueKind = 'blocked' | 'budget' | 'outage' | 'backlog' | 'parked'

export interface HealthIssue {
  kind: IssueKind
  /** Leads that wait, or that are parked; for `budget` the calls that are spent. */
  count: number
  /** For `budget`: the calls that there are. */
  of?: number
  /** How long the oldest of those leads has waited, or been parked. */
  ageSeconds?: number
  reason?: string
  /** When it is tried again, or passes by itself: ISO 8601. */
  until?: string
}

/** What is wrong now, the worst first: what stops every lead, then what holds some up, then what will. */
export function healthIssues(status: OutboxStatus, now: number): HealthIssue[] {
  const { waiting, parked, oldestAt, parkedAt, breaker, day } = status
  const left = { count: waiting, ageSeconds: secondsSince(oldestAt, now) }
  const stop: HealthIssue | undefined = breaker && {
    kind: breaker.blocked ? 'blocked' : 'outage',
    ...left,
    reason: breaker.reason,
    until: iso(breaker.retryAt),
  }
  const isSpent = day.spent >= day.of
  const budget: HealthIssue = {
    kind: 'budget',
    count: day.spent,
    of: day.of,
    reason: isSpent
      ? 'the day’s calls are spent'
      : `${Math.floor((100 * day.spent) / day.of)} % of the day’s calls are spent`,
    until: iso(day.endsAt),
  }
  const found: (HealthIssue | false | undefined)[] = [
    breaker?.blocked && stop,
    isSpent && budget,
    !breaker?.blocked && stop,
    oldestAt !== undefined && now - oldestAt >= BACKLOG_AFTER && { kind: 'backlog', ...left },
    parked > 0 && { kind: 'parked', count: parked, ageSeconds: secondsSince(parkedAt, now) },
    !isSpent && day.spent >= day.of * BUDGET_SOON && budget,
  ]
  return found.filter((issue) => !!issue)
}

/** Whole seconds since then; none where there is no such time, or where it lies ahead. */
export function secondsSince(time: number | undefined, now: number): number {
  return time === undefined ? 0 : Math.max(0, Math.round((now - time) / SECOND))
}

export interface Alert extends HealthIssue {
  /** `grew`: it is twice what was told last, or stops everything now. `lasts`: an hour has passed since. */
  change: 'began' | 'grew' | 'lasts' | 'ended'
  /** How long it has been seen. */
  lastedSeconds: number
}

export interface AlertMonitor {
  /** Looks, where it is time to, and tells what there is to tell. Rejects when the outbox does not answer. */
  look(): Promise<void>
  /** That time, or an earlier one at which it wants to look though nothing else may happen. */
  soonest(time: number | undefined): number | undefined
}

/** What the watch has seen, by kind. It can be written down and read again. */
export type SeenIssues = { [kind in IssueKind]?: { since: number; told?: { at: number; issue: HealthIssue } } }

export interface AlertMonitorOptions {
  outbox: Pick<Outbox, 'status'>
  /** Epoch milliseconds. */
  now: () => number
  log: Log
  /** Tells a person. Its failure is logged and changes nothing. */
  alert?: (alert: Alert) => void | Promise<void>
  /** Where what was seen is kept, if not here alone. */
  memory?: AlertStore
}

/**
 * Keeps what was seen where a runtime ends and begins by itself, so that it is not told anew each time, and where several
 * watch the same outbox, so that one of them tells it.
 */
export interface AlertStore {
  read: () => SeenIssues | undefined | Promise<SeenIssues | undefined>
  /** False where `before` is no longer what stands there: another has written, and tells. */
  write: (seen: SeenIssues, before: SeenIssues) => void | Promise<boolean>
}

/** Makes a watch. It looks when it is asked to, and never by itself. */
export function createAlertMonitor({
  outbox,
  now,
  log,
  alert = toLog(log),
  memory = ownMemory(),
}: AlertMonitorOptions): AlertMonitor {
  let lookedAt = -Infinity
  /** Something may have happened since. */
  let missed = false
  /** When the next thing is to be told, if all stays as it is. */
  let nextAt = Infinity

  async function look(): Promise<void> {
    const at = now()
    // A clock that was set back holds nothing up.
    missed = at >= lookedAt && at - lookedAt < PAUSE
    if (missed) return
    lookedAt = at

    // Read before the outbox is asked: whoever writes after that has seen what is newer, and this one's write fails.
    const before = (await memory.read()) ?? {}
    const status = await outbox.status(at)
    const { alerts, changed, seen, ...after } = compare(before, healthIssues(status, at), at)
    const late = status.oldestAt === undefined ? Infinity : status.oldestAt + BACKLOG_AFTER
    nextAt = Math.min(after.nextAt, late > at ? late : Infinity)
    if (changed && (await memory.write(seen, before)) === false) return
    // Delivering does not wait for it.
    for (const each of alerts) void tell(each)
  }

  async function tell(each: Alert): Promise<void> {
    try {
      await alert(each)
    } catch (error) {
      log({ event: 'error', where: 'alert', reason: reasonOf(error) })
    }
  }

  return {
    look,
    soonest(time) {
      const own = missed ? lookedAt + PAUSE : nextAt
      const first = Math.min(time ?? Infinity, own)
      return first === Infinity ? undefined : first
    },
  }
}

function ownMemory(): AlertStore {
  let kept: SeenIssues | undefined
  return { read: () => kept, write: (seen) => void (kept = seen) }
}

function toLog(log: Log): (alert: Alert) => void {
  return (alert) => log({ event: 'alert', ...alert })
}

/** What is to be told, and when the next of it is, given what was seen before. Pure. */
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
    const told = change ? { at: now, issue } : known.told
    seen[issue.kind] = { since: known.since, ...(told && { told }) }
    changed ||= change !== undefined || !before[issue.kind]
    nextAt = Math.min(nextAt, told ? told.at + REMINDER : known.since + MIN_DURATION_MS[issue.kind])
    if (change) alerts.push({ change, ...issue, lastedSeconds: secondsSince(known.since, now) })
  }
  for (const [kind, { since, told }] of Object.entries(before)) {
    if (kind in seen) continue
    changed = true
    if (told) alerts.push(ended(told.issue, secondsSince(since, now)))
  }
  return { seen, changed, alerts, nextAt }
}

/** With the numbers as they were told last. */
function ended({ kind, count, of, reason }: HealthIssue, lastedSeconds: number): Alert {
  return {
    change: 'ended',
    kind,
    count,
    ...(of !== undefined && { of }),
    ...(reason !== undefined && { reason }),
    lastedSeconds,
  }
}

function changeOf(
  issue: HealthIssue,
  { since, told }: NonNullable<SeenIssues[IssueKind]>,
  now: number,
): 'began' | 'grew' | 'lasts' | undefined {
  if (!told) return now - since >= MIN_DURATION_MS[issue.kind] ? 'began' : undefined
  const isDouble = issue.count >= 2 * Math.max(1, told.issue.count)
  if (isDouble || (isFull(issue) && !isFull(told.issue))) return 'grew'
  return now - told.at >= REMINDER ? 'lasts' : undefined
}

function isFull({ count, of = Infinity }: HealthIssue): boolean {
  return count >= of
}
