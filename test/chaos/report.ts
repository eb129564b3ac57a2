/** A run in words and figures: what was counted, what was asked, what broke. */
import type { Journal } from './journal.ts'
import type { FaultPlan } from './fault-plan.ts'
import { refusedForGivenUp } from './verdicts/calls.ts'
import { authorsOf, valueKey, writesOf, type Evidence, type Verdict } from './verdicts/evidence.ts'
import { passingRelapses } from './verdicts/order.ts'

/** Breaks that are shown of one question. */
const SHOWN = 12

/** A heading and what stands below it. */
type Table = readonly [heading: string, rows: readonly (readonly [name: string, value: string | number])[]]

export interface Findings {
  title: string
  journal: Journal
  weather: FaultPlan
  evidence: Evidence
  verdicts: readonly Verdict[]
  /** Milliseconds until nothing waited any more, once the trouble was over. */
  drained: number
  /** Whether the clock had to go forward for it. */
  broughtForward: boolean
}

/** The lines of the report. */
export function write(findings: Findings): string[] {
  const lines = [findings.title, '']
  for (const [heading, rows] of tablesOf(findings)) {
    lines.push(heading)
    for (const [name, value] of rows) lines.push(`  ${name.padEnd(46)} ${String(value).padStart(8)}`)
    lines.push('')
  }
  lines.push(...findings.verdicts.map(inALine), '')
  for (const { question, broken } of findings.verdicts) {
    if (broken.length === 0) continue
    lines.push(`BROKEN: ${question}`)
    for (const { of, at, what } of broken.slice(0, SHOWN)) lines.push(`  ${new Date(at).toISOString()}  ${of}  ${what}`)
    if (broken.length > SHOWN) lines.push(`  … and ${broken.length - SHOWN} more`)
    lines.push('')
  }
  return lines
}

function inALine({ question, looked, of, broken }: Verdict): string {
  const outcome = broken.length === 0 ? 'holds' : `BROKEN ${broken.length}`
  return `${question.padEnd(60)} ${outcome.padEnd(12)} ${looked} ${of}`
}

function tablesOf({ journal, weather, evidence, drained, broughtForward }: Findings): Table[] {
  const { submissions, jobs, calls, people } = evidence
  const answered = submissions.filter(({ answeredAt }) => answeredAt.length > 0)
  const carried = calls.flatMap(({ records }) => records?.length ?? 0)
  const { jumps } = weather
  return [
    [
      'Sent',
      [
        ['filled-in forms', submissions.length],
        ['people', new Set(submissions.map(({ person }) => person)).size],
        ['requests', sum(submissions.map(({ tries }) => tries))],
        ['forms that were sent again', submissions.filter(({ tries }) => tries > 1).length],
        ['acknowledged', answered.length],
        ['acknowledged more than once', answered.filter(({ answeredAt }) => answeredAt.length > 1).length],
        ['under one id with two contents', submissions.filter(({ contents }) => contents.length > 1).length],
        ['kept, but never acknowledged', keptUnheard(evidence)],
      ],
    ],
    ['Requests without an answer of the relay', sorted(journal.failures)],
    [
      'The relays',
      [
        ['lives', weather.lives],
        [
          'share of the time that they served',
          `${Math.round((100 * weather.served) / weather.lasted / weather.relays)} %`,
        ],
        ...sorted(weather.deaths).map(([how, times]) => [`ended: ${how}`, times] as const),
        ['stood still from outside', weather.freezes],
        ['deaths of their database', weather.shakes],
        ['stood still after a claim', weather.stalls],
        ['verdicts after the lease', weather.late],
        ['clock set while it ran', jumps.running],
        ['clock forward, back between two lives', `${jumps.forward}, ${jumps.back}`],
        ['furthest, in hours', Math.round(jumps.furthest / 3_600_000)],
      ],
    ],
    [
      'Marketo',
      [
        ['calls', calls.length],
        ['leads in them', sum(carried)],
        ['calls with several leads', carried.filter((leads) => leads > 1).length],
        ['leads in the largest', Math.max(0, ...carried)],
        ['leads written', writesOf(calls).length],
        ['people', people.filter(({ known }) => known).length],
        ['records with several forms of one person', mergedIn(evidence)],
        ['older answers that stood for a moment', passingRelapses(evidence)],
        ['refused for calls on which the relay gave up', refusedForGivenUp(evidence)],
      ],
    ],
    ['Calls by what became of them', sorted(counted(calls.map(({ code }) => code ?? 'taken')))],
    [
      'The outbox',
      [
        ['delivered', jobs.filter(({ state }) => state === 'delivered').length],
        ['longest wait of a delivered one, in seconds', longestWait(evidence)],
        ['parked', jobs.filter(({ state }) => state === 'parked').length],
        ...sorted(counted(jobs.filter(({ state }) => state === 'parked').map(({ reason }) => reason ?? ''))).map(
          ([reason, jobs]) => [`parked: ${reason.slice(0, 60)}`, jobs] as const,
        ),
        ['attempts of the one with the most', Math.max(0, ...jobs.map(({ attempts }) => attempts))],
        ['seconds until nothing waited', (drained / 1_000).toFixed(1)],
        ['for which the clock went forward', broughtForward ? 'yes' : 'no'],
      ],
    ],
  ]
}

function keptUnheard({ submissions, jobs }: Evidence): number {
  const kept = new Set(jobs.map(({ id }) => id))
  return submissions.filter(({ id, answeredAt }) => answeredAt.length === 0 && kept.has(id)).length
}

/** Records that carry values of more than one filled-in form: leads that were merged. */
function mergedIn({ calls, submissions }: Evidence): number {
  const authors = authorsOf(submissions)
  return writesOf(calls).filter(({ person, attributes }) => {
    const ids = Object.entries(attributes).flatMap(([name, value]) => authors.get(valueKey(person, name, value)) ?? [])
    return new Set(ids).size > 1
  }).length
}

/** From the first acknowledgement until one of its values was written. */
function longestWait({ submissions, calls }: Evidence): string {
  const firstWrite = new Map<string, number>()
  for (const { person, attributes, at } of writesOf(calls)) {
    for (const [name, value] of Object.entries(attributes)) {
      const key = valueKey(person, name, value)
      if (!firstWrite.has(key)) firstWrite.set(key, at)
    }
  }
  const waits = submissions.flatMap(({ person, contents, answeredAt }) => {
    const [heard] = answeredAt
    if (heard === undefined) return []
    const written = contents.flatMap(({ attributes }) =>
      Object.entries(attributes).flatMap(([name, value]) => firstWrite.get(valueKey(person, name, value)) ?? []),
    )
    return written.length > 0 ? [Math.min(...written) - heard] : []
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
