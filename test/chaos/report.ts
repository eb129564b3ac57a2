/** Writes the report of a run: counts, checks and violations. */
import { badFaultOf } from './bad-leads.ts'
import type { Drained } from './drain.ts'
import type { FaultLog } from './fault-log.ts'
import type { Journal, Submission } from './journal.ts'
import { countTimedOutRefusals } from './verdicts/calls.ts'
import { jobsOf, valueKey, writesOf, type CheckResult, type Evidence } from './verdicts/evidence.ts'

/** Maximum number of violations that are printed of one check. */
const MAX_SHOWN = 12

type Row = readonly [name: string, value: string | number]
type Table = readonly [heading: string, rows: readonly Row[]]

export interface Findings {
  title: string
  journal: Journal
  log: FaultLog
  evidence: Evidence
  checks: readonly CheckResult[]
  drained: Drained
}

/** Returns the lines of the report. */
export function writeReport(findings: Findings): string[] {
  const lines = [findings.title, '']
  for (const [heading, rows] of tablesOf(findings)) {
    lines.push(heading)
    for (const [name, value] of rows) lines.push(`  ${name.padEnd(54)} ${String(value).padStart(8)}`)
    lines.push('')
  }
  lines.push(...findings.checks.map(lineOf), '')
  for (const { rule, violations } of findings.checks) {
    if (violations.length === 0) continue
    lines.push(`BROKEN: ${rule}`)
    for (const { of, at, what } of violations.slice(0, MAX_SHOWN)) {
      lines.push(`  ${new Date(at).toISOString()}  ${of}  ${what}`)
    }
    if (violations.length > MAX_SHOWN) lines.push(`  … and ${violations.length - MAX_SHOWN} more`)
    lines.push('')
  }
  return lines
}

function lineOf({ rule, looked, unit, violations }: CheckResult): string {
  const outcome = violations.length === 0 ? 'holds' : `BROKEN ${violations.length}`
  return `${rule.padEnd(80)} ${outcome.padEnd(12)} ${looked} ${unit}`
}

function tablesOf({ journal, log, evidence, drained }: Findings): Table[] {
  const { submissions, jobs, calls, people } = evidence
  const acknowledged = submissions.filter(({ answeredAt }) => answeredAt.length > 0)
  const leadsPerCall = calls.map(({ records }) => records?.length ?? 0)
  const parked = jobs.filter(({ state }) => state === 'parked')
  const { clock } = log
  return [
    [
      'Sent by visitors',
      [
        ['filled-in forms', submissions.length],
        ['people', new Set(submissions.map(({ person }) => person)).size],
        ['requests', sum(submissions.map(({ tries }) => tries))],
        ['forms that were sent more than once', submissions.filter(({ tries }) => tries > 1).length],
        ['acknowledged', acknowledged.length],
        ['acknowledged more than once', acknowledged.filter(({ answeredAt }) => answeredAt.length > 1).length],
        ['ids used again with another content', submissions.length - new Set(submissions.map(({ id }) => id)).size],
        ['bad leads', submissions.filter(({ content }) => badFaultOf(content) !== undefined).length],
        ['cookies that two people sent', countSharedCookies(submissions)],
        ['stored, but never acknowledged', countUnacknowledged(evidence)],
      ],
    ],
    ['Requests that were not answered with 202', sorted(journal.failures)],
    [
      'Relays',
      [
        ['processes', log.relayStarts],
        ['share of the time in which they served', `${Math.round((100 * log.served) / log.lasted / log.relays)} %`],
        ...sorted(log.endings).map(([ending, times]): Row => [`ended: ${ending}`, times]),
        ['stopped and continued', log.freezes],
        ['blocked after a claim', log.stalls],
        ['crashes of the database', log.storeCrashes],
        ['verdicts after the lease', log.lateVerdicts],
        ['clock set while the relay ran', clock.whileRunning],
        ['clock set between two processes: forward, back', `${clock.forward}, ${clock.back}`],
        ['largest error of a clock, in hours', Math.round(clock.largestError / 3_600_000)],
        ['clock of the database set: forward, back', `${log.storeClock.forward}, ${log.storeClock.back}`],
        ['retries of the operator', log.retries],
      ],
    ],
    [
      'Marketo',
      [
        ['calls', calls.length],
        ['leads in all calls', sum(leadsPerCall)],
        ['calls with several leads', leadsPerCall.filter((leads) => leads > 1).length],
        ['leads in the largest call', Math.max(0, ...leadsPerCall)],
        ['leads written', writesOf(calls).length],
        ['people', people.filter(({ known }) => known).length],
        ['refused because of calls that timed out', countTimedOutRefusals(evidence)],
      ],
    ],
    ['Calls by result', sorted(counted(calls.map(({ code }) => code ?? 'accepted')))],
    [
      'Outbox',
      [
        ['delivered', jobs.filter(({ state }) => state === 'delivered').length],
        ['longest wait of a delivered lead, in seconds', longestWait(evidence)],
        ['parked', parked.length],
        ...sorted(counted(parked.map(({ reason }) => reason ?? ''))).map(([reason, jobs]): Row => [
          `parked: ${reason.slice(0, 60)}`,
          jobs,
        ]),
        ['sent again by the operator', drained.replayed],
        ['most attempts of one lead', Math.max(0, ...jobs.map(({ attempts }) => attempts))],
        ['seconds until the outbox was empty', (drained.ms / 1_000).toFixed(1)],
        ['clock set forward for it', drained.clockSetForward ? 'yes' : 'no'],
      ],
    ],
  ]
}

function countSharedCookies(submissions: readonly Submission[]): number {
  const people = Map.groupBy(submissions, ({ cookie }) => cookie)
  return [...people].filter(
    ([cookie, sent]) => cookie !== undefined && new Set(sent.map(({ person }) => person)).size > 1,
  ).length
}

function countUnacknowledged(evidence: Evidence): number {
  return [...jobsOf(evidence).keys()].filter(({ answeredAt }) => answeredAt.length === 0).length
}

/** Returns the longest time from a first acknowledgement until one of the values was written, in seconds. */
function longestWait({ submissions, calls }: Evidence): string {
  const firstWrite = new Map<string, number>()
  for (const { person, attributes, writtenAt } of writesOf(calls)) {
    for (const [name, value] of Object.entries(attributes)) {
      const key = valueKey(person, name, value)
      if (!firstWrite.has(key)) firstWrite.set(key, writtenAt)
    }
  }
  const waits = submissions.flatMap(({ person, content, answeredAt }) => {
    const [acknowledgedAt] = answeredAt
    if (acknowledgedAt === undefined) return []
    const written = Object.entries(content.attributes).flatMap(
      ([name, value]) => firstWrite.get(valueKey(person, name, value)) ?? [],
    )
    return written.length > 0 ? [Math.min(...written) - acknowledgedAt] : []
  })
  return (Math.max(0, ...waits) / 1_000).toFixed(1)
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([, a], [, b]) => b - a)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
