/**
 * The health of the relay: a pure list of the issues that the state of the outbox and its storage show. It holds no
 * person's data.
 */
import { iso } from './events.ts'
import type { OutboxStatus } from '../outbox/outbox.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A lead normally takes seconds, and a short failure of Marketo a minute or two. A lead that waits longer is an issue. */
export const BACKLOG_AGE_MS = 5 * MINUTE

/** Share of the day's calls that raises an issue. The rest leaves time to find their caller or to raise the limit. */
const BUDGET_WARNING_RATIO = 0.8

/**
 * The kinds of issues in the order of `healthIssues`, the worst first.
 *
 * - `not-kept`: leads could not be stored, and are lost unless their visitors send them again. `count` is their number.
 * - `full`: leads are refused, because too many wait, or the disk or the server is full. `count` is that of what is full.
 * - `blocked`: Marketo rejects every lead until an operator acts.
 * - `budget`: the day's calls are spent, or soon will be. `metLimit` says whose limit is met.
 * - `outage`: no lead gets through. The relay retries by itself.
 * - `backlog`: leads wait too long.
 * - `weak`: leads with weak evidence wait for the next day, because their share of the day's calls is used up. `count` is how often one was put off.
 * - `quarantined`: leads are in a damaged outbox that was quarantined, and an operator recovers them.
 * - `missing`: leads that were accepted are no longer in the outbox.
 * - `stranded`: leads are stored for an account whose variables are not set.
 * - `drift`: the forms do not fit the fields of Marketo: values or leads are lost. `count` is the number of errors.
 * - `turned-away`: most submissions of a form are refused, or a form or an origin that the relay does not know keeps posting.
 *   It is a page on which leads are lost. `count` is the number of refused submissions.
 * - `form-held`: an operator has all new leads of a form held. `count` is the number of such forms.
 * - `withheld`: most posts of a form are held or dropped by rules. `count` is the number of these posts.
 * - `expiring`: parked or held leads will be discarded within a week, because nobody has decided about them. `until` is when.
 * - `parked`: leads are parked (dead-letter), and an operator decides about them.
 * - `reader`: another process reads the outbox file for so long that its log grows and keeps wiped data.
 */
const WORST_FIRST = [
  'not-kept',
  'full',
  'blocked',
  'budget',
  'outage',
  'backlog',
  'weak',
  'quarantined',
  'missing',
  'stranded',
  'drift',
  'turned-away',
  'form-held',
  'expiring',
  'withheld',
  'parked',
  'reader',
] as const

export type IssueKind = (typeof WORST_FIRST)[number]

/** Owner of the limit of calls a day that is met: Marketo's, by its own report, or ours, which is configured. */
export type DayLimit = 'marketo' | 'own'

export interface HealthIssue {
  kind: IssueKind
  /** Name of the account, among several and where it has one. */
  account?: string
  /** Number of leads that the issue is about; for `drift` of errors; for `turned-away` of refused submissions; for `withheld` of posts; for `form-held` of forms; for `budget` the number of calls spent; for `reader` the log's size in MB. */
  count: number
  /** Number of calls that our own limit allows a day, for `budget` only. */
  of?: number
  metLimit?: DayLimit
  /** Age of the oldest of these leads, in seconds: since it was accepted, or since it was parked. For `reader` its own. */
  ageSeconds?: number
  reason?: string
  /** Id of the only lead that failed, for `blocked` and `outage`: it may be the cause. The next lead is tried at once. */
  lead?: string
  /** Time of the next retry, or of the end of the issue, in ISO 8601. */
  until?: string
}

/**
 * Lists the current issues, the worst first: those that turn leads away or stop every lead, those that delay some leads, those to come.
 *
 * @param now epoch milliseconds
 * @param ofStorage issues that the storage itself reports, and those of the configuration
 */
export function healthIssues(status: OutboxStatus, now: number, ofStorage: readonly HealthIssue[] = []): HealthIssue[] {
  const { waiting, parked, heldForms = [], expiring, oldestAt, parkedAt, breaker, day } = status
  const backlog = { count: waiting, ageSeconds: secondsSince(oldestAt, now) }
  const stopped: HealthIssue | undefined = breaker && {
    kind: breaker.blocked ? 'blocked' : 'outage',
    ...backlog,
    reason: breaker.reason,
    ...(breaker.lead !== undefined && { lead: breaker.lead }),
    until: iso(breaker.retryAt),
  }
  const metLimit = metDayLimit(day)
  const budget: HealthIssue = {
    kind: 'budget',
    count: day.spent,
    of: day.of,
    ...(metLimit && { metLimit }),
    reason: budgetReason(day, metLimit),
    until: iso(nextCallOfDay(day)),
  }
  const found: (HealthIssue | false | undefined)[] = [
    ...ofStorage.filter(({ kind }) => FIRST.has(kind)),
    breaker?.blocked && stopped,
    metLimit && budget,
    !breaker?.blocked && stopped,
    oldestAt !== undefined && now - oldestAt >= BACKLOG_AGE_MS && { kind: 'backlog', ...backlog },
    weakIssue(day),
    ...ofStorage.filter(({ kind }) => kind !== 'reader' && !FIRST.has(kind)),
    heldForms.length > 0 && formHeld(heldForms, now),
    expiring && {
      kind: 'expiring',
      count: expiring.leads,
      reason: 'parked and held leads are discarded after FORM_SYNC_PARKED_DAYS',
      until: iso(expiring.firstAt),
    },
    parked > 0 && { kind: 'parked', count: parked, ageSeconds: secondsSince(parkedAt, now) },
    !metLimit && day.spent >= day.of * BUDGET_WARNING_RATIO && budget,
    ...ofStorage.filter(({ kind }) => kind === 'reader'),
  ]
  return found.filter((issue) => !!issue)
}

/** Issues of the storage that turn leads away. */
const FIRST: ReadonlySet<IssueKind> = new Set(['not-kept', 'full'])

/** Returns the issue of forms whose new leads are all held. */
function formHeld(forms: NonNullable<OutboxStatus['heldForms']>, now: number): HealthIssue {
  return {
    kind: 'form-held',
    count: forms.length,
    ageSeconds: secondsSince(Math.min(...forms.map(({ since }) => since)), now),
    reason: `all new leads are held: ${forms.map(({ form, by, reason }) => `${form} (${by}: ${reason})`).join(', ')}`,
  }
}

/** Returns the issues of several accounts, the worst first. A budget that is not spent comes last. */
export function worstFirst(issues: readonly HealthIssue[]): HealthIssue[] {
  const rank = ({ kind, metLimit }: HealthIssue) =>
    kind === 'budget' && !metLimit ? Infinity : WORST_FIRST.indexOf(kind)
  return issues.toSorted((a, b) => rank(a) - rank(b))
}

/** Returns the issue about leads that were put off, if there were any. */
function weakIssue({ weak, endsAt }: OutboxStatus['day']): HealthIssue | undefined {
  if (!weak || weak.putOff === 0) return undefined
  const reason = `the ${weak.of} calls a day for leads with weak evidence are used up (MARKETO_WEAK_SHARE)`
  return { kind: 'weak', count: weak.putOff, reason, until: iso(endsAt) }
}

/** Returns the calls of the day that leads may use: all but those that are kept for servers. */
export function callsOfLeads({ of, servers }: Pick<OutboxStatus['day'], 'of' | 'servers'>): number {
  return servers ? of - Math.max(0, servers.of - servers.spent) : of
}

/** Returns whose limit of calls a day is met, if one is. Where both are, a higher limit of ours would not help. */
export function metDayLimit(day: OutboxStatus['day']): DayLimit | undefined {
  if (day.quotaRetryAt !== undefined) return 'marketo'
  return day.spent >= callsOfLeads(day) ? 'own' : undefined
}

/** Returns when calls may go again once a limit of the day is met. */
export function nextCallOfDay(day: OutboxStatus['day']): number {
  const { spent, endsAt, quotaRetryAt = endsAt } = day
  return spent >= callsOfLeads(day) ? Math.max(endsAt, quotaRetryAt) : quotaRetryAt
}

function budgetReason(day: OutboxStatus['day'], metLimit: DayLimit | undefined): string {
  const { spent, of } = day
  if (metLimit === 'marketo') return 'Marketo reports that its quota of calls a day is spent (fault 20015)'
  const kept = of - callsOfLeads(day)
  if (metLimit === 'own' && kept > 0) {
    return `all calls that MARKETO_CALLS_PER_DAY allows are spent but ${kept}, which are kept for servers (MARKETO_SERVER_SHARE)`
  }
  if (metLimit === 'own') return 'all calls that MARKETO_CALLS_PER_DAY allows are spent'
  return `${Math.floor((100 * spent) / of)} % of the calls that MARKETO_CALLS_PER_DAY allows are spent`
}

/** Returns the whole seconds from `time` to `now`, both in epoch milliseconds; 0 without a time or for a future one. */
export function secondsSince(time: number | undefined, now: number): number {
  return time === undefined ? 0 : Math.max(0, Math.round((now - time) / SECOND))
}
