/** Formats the state of a relay for a terminal. Pure. */
import { ISSUE_TEXTS } from '../monitoring/alert-text.ts'
import type { HealthIssue } from '../monitoring/health.ts'
import type { RelayState } from './admin-source.ts'
import { counted, duration, entry, grouped, printable, timeOf, wrap, type Terminal } from './terminal.ts'

/** Members of the state that are shown, as far as it has them. */
interface Counts {
  backlog?: number
  oldestAgeSeconds?: number | null
  held?: number
  heldByForm?: { form: string; leads: number }[]
  parked?: number
  parkedAgeSeconds?: number | null
  delivered?: number
  owedCookies?: number
  breaker?: { reason: string; retryAt: string }
  calls?: { today: number; of: number; resetsAt: string }
  account?: string
}

/** Formats the state: counts of all accounts, calls of each, and the issues with what to do. */
export function formatState(terminal: Terminal, state: RelayState): string {
  if (!state.ready) {
    return ['No lead can be stored.', ...(state.reason ? wrap(printable(state.reason), terminal.width) : [])].join('\n')
  }
  const counts = state as Counts & { accounts?: Counts[] }
  const line = (label: string, text: string) => entry(terminal, label, text)
  const age = (seconds: number | null | undefined) => (seconds ? `, the oldest for ${duration(seconds * 1_000)}` : '')
  const byForm = counts.heldByForm?.map(({ form, leads }) => `${printable(form)} ${grouped(leads)}`).join(', ')
  return [
    line('waiting', `${counted(counts.backlog ?? 0, 'lead')}${age(counts.oldestAgeSeconds)}`),
    line('held', `${counted(counts.held ?? 0, 'lead')}${byForm ? `: ${byForm}` : ''}`),
    line('parked', `${counted(counts.parked ?? 0, 'lead')}${age(counts.parkedAgeSeconds)}`),
    line('delivered', counted(counts.delivered ?? 0, 'lead')),
    ...(counts.owedCookies ? [line('cookies', `${grouped(counts.owedCookies)} still to be associated`)] : []),
    ...(counts.accounts ?? [counts]).flatMap((own) => callsOf(own, line)),
    '',
    ...(state.issues.length === 0 ? ['There is no issue.'] : state.issues.map((issue) => formatIssue(terminal, issue))),
  ].join('\n')
}

function callsOf({ calls, breaker, account }: Counts, line: (label: string, text: string) => string): string[] {
  const of = account === undefined ? '' : ` of ${printable(account)}`
  return [
    ...(calls
      ? [
          line(
            'calls',
            `${grouped(calls.today)} of ${grouped(calls.of)}${of} today, until ${timeOf(calls.resetsAt, 'minute')} UTC`,
          ),
        ]
      : []),
    ...(breaker
      ? [line('stopped', `${printable(breaker.reason)}${of}; next call at ${timeOf(breaker.retryAt, 'second')} UTC`)]
      : []),
  ]
}

function formatIssue(terminal: Terminal, { kind, count, account, reason }: HealthIssue): string {
  const { title, means, todo } = ISSUE_TEXTS[kind]
  const head = `${kind} (${grouped(count)}${account === undefined ? '' : `, account ${printable(account)}`})`
  const text = [`The relay ${title}.`, ...(reason ? [`${printable(reason)}.`] : []), means, `What to do: ${todo}`]
  return [
    terminal.warning(head),
    ...text.flatMap((part) => wrap(part, terminal.width - 2)).map((part) => `  ${part}`),
  ].join('\n')
}
