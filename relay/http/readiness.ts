/** The body of `/readyz` when a lead can be stored: the counts and the issues, of one account or of several. Pure. */
import { FIRST_ACCOUNT, nameVariables } from '../account-name.ts'
import type { CheckState } from '../check/last-check.ts'
import { ofAccount } from '../monitoring/account-log.ts'
import { iso } from '../monitoring/events.ts'
import {
  healthIssues,
  metDayLimit,
  nextCallOfDay,
  secondsSince,
  worstFirst,
  type HealthIssue,
} from '../monitoring/health.ts'
import type { OutboxStatus } from '../outbox/outbox.ts'
import { sumStatus } from '../outbox/sharding.ts'

/** The body for an operator, with what else is known. */
export interface Readiness {
  ready: true
  /** The kind of the worst issue, or `ok`. */
  state: string
  issues: HealthIssue[]
  [more: string]: unknown
}

/**
 * Returns the body. With several accounts it has their sums and all of their issues, and each of them under `accounts`.
 *
 * @param accounts the status of each account by its name, at least one
 * @param ofStorage issues that the storage itself reports
 * @param checks the last check of the forms of each account, where there is one
 */
export function readiness(
  accounts: ReadonlyMap<string, OutboxStatus>,
  now: number,
  ofStorage: readonly HealthIssue[] = [],
  checks?: ReadonlyMap<string, CheckState>,
): Readiness {
  const total = (check?: CheckState) =>
    accountState(FIRST_ACCOUNT, sumStatus([...accounts.values()]), now, check, ofStorage)
  if (accounts.size === 1) return { ready: true, ...total(checks?.get(FIRST_ACCOUNT)) }
  const each = Array.from(accounts, ([account, status]) => ({
    account,
    ...accountState(account, status, now, checks?.get(account)),
  }))
  const issues = worstFirst([...each.flatMap((own) => own.issues), ...ofStorage])
  // Each account has its own breaker, its own calls and its own forms.
  const own = { breaker: undefined, calls: undefined }
  return { ready: true, ...total(), ...own, state: issues[0]?.kind ?? 'ok', issues, accounts: each }
}

function accountState(
  account: string,
  status: OutboxStatus,
  now: number,
  { issues: ofForms = [], configuration }: Partial<CheckState> = {},
  ofStorage: readonly HealthIssue[] = [],
) {
  const {
    waiting,
    held,
    heldByForm,
    parked,
    delivered,
    owed = 0,
    reusedIds = 0,
    oldestAt,
    parkedAt,
    breaker,
    day,
  } = status
  const issues = healthIssues(status, now, [...ofStorage, ...ofForms]).map((issue) => ofAccount(issue, account))
  const metLimit = metDayLimit(day)
  return {
    state: issues[0]?.kind ?? 'ok',
    issues,
    backlog: waiting,
    oldestAgeSeconds: secondsSince(oldestAt, now),
    held,
    ...(heldByForm && { heldByForm }),
    parked,
    parkedAgeSeconds: secondsSince(parkedAt, now),
    delivered,
    owedCookies: owed,
    reusedIds,
    blocked: breaker?.blocked ?? false,
    ...(breaker && {
      breaker: { reason: nameVariables(account, breaker.reason), retryAt: iso(breaker.retryAt) },
    }),
    ...(configuration && { configuration }),
    calls: {
      today: day.spent,
      of: day.of,
      ...(day.weak && { weak: weakCalls(day.weak) }),
      ...(day.servers && { servers: day.servers }),
      resetsAt: iso(day.endsAt),
      ...(metLimit && { metLimit, nextCallAt: iso(nextCallOfDay(day)) }),
    },
  }
}

function weakCalls({ nextSharedAt, ...weak }: NonNullable<OutboxStatus['day']['weak']>) {
  return { ...weak, ...(nextSharedAt !== undefined && { nextSharedAt: iso(nextSharedAt) }) }
}
