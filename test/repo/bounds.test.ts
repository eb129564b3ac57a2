/** The page for operators states the bounds of delivery as the code keeps them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { decideOutcome, RETRY_SCHEDULE } from '../../relay/delivery/retry-policy.ts'
import type { Verdict } from '../../relay/delivery/transport.ts'
import { classifyFailure } from '../../relay/marketo/soap/classify-failure.ts'
import type { Failure } from '../../relay/marketo/soap/call-result.ts'
import { breakerAfter, withProbe, type Breaker } from '../../relay/outbox/circuit-breaker.ts'
import { leaseOf } from '../../relay/outbox/limits/limits.ts'
import type { Job, Outcome } from '../../relay/outbox/outbox.ts'
import { STEP_ASIDE_AFTER_MS } from '../../relay/outbox/step-aside.ts'
import { lead, T } from '../suites/outbox/leads.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8')

const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/** Returns the cells of the row of the section “Bounds” that begins with this text, without the first one. */
function cellsOf(row: string): string[] {
  const section = PAGE.slice(PAGE.indexOf('### Bounds'), PAGE.indexOf('## When something is wrong'))
  const line = section.split('\n').find((each) => each.startsWith(`| ${row}`))
  return (line ?? '')
    .split(' | ')
    .slice(1)
    .map((cell) => cell.replace(' |', ''))
}

/** Reads a duration such as "5 minutes". */
function msOf(text: string | undefined): number {
  const [, number, unit = ''] = /^(\d+) (\w+?)s?$/.exec(text ?? '') ?? []
  return Number(number) * (UNIT_MS[unit] ?? Number.NaN)
}

/** Lets a lead fail for ever, with the longest waits, while other calls get through. */
function failForEver(verdict: Verdict): { attempts: number; waits: number[] } {
  const waits: number[] = []
  for (let now = T; ; now += waits.at(-1)!) {
    const job: Job = { lead: lead('a'), attempt: waits.length + 1, failures: waits.length, othersDelivered: true }
    if (waits.length > 0) job.failingSince = T
    const batch = { jobs: [job], leaseExpiresAt: now }
    const outcome = decideOutcome(verdict, job, { now, random: () => 1, schedule: RETRY_SCHEDULE, batch })
    if (outcome.kind !== 'retry') return { attempts: job.attempt, waits }
    waits.push(outcome.dueAt - now)
  }
}

function verdictOf(failure: Failure): Verdict {
  return { ...classifyFailure(failure), reason: 'no' }
}

function fault(code: string): Failure {
  return { kind: 'fault', status: 500, fault: { code, message: '' } }
}

function answered(status: number): Failure {
  return { kind: 'unreadable', status, cause: 'an HTML page' }
}

const FAILURES: [string, Failure[]][] = [
  ['refused for good', [fault('20101'), fault('20110'), answered(413), answered(414)]],
  ['20106 Lead Sync Failed', [fault('20106')]],
  ['a gateway refuses it', [401, 403, 404, 405, 410, 451].map(answered)],
  ['not understood', ['20012', '20017', '20018', '20019'].map(fault)],
  ['an unknown fault', [fault('29999')]],
  ['the connection is lost', [{ kind: 'unreachable', error: new Error('reset') }, answered(200), answered(503)]],
  ['internal error', ['10001', '20011'].map(fault)],
]

it.each(FAILURES)('docs/deploy.md: a lead is parked as the bounds say when it fails so: %s', (row, failures) => {
  const [attempts, within] = cellsOf(row)

  for (const failure of failures) {
    const failed = failForEver(verdictOf(failure))
    const sum = failed.waits.reduce((total, wait) => total + wait, 0)
    expect(String(failed.attempts)).toBe(attempts)
    expect(sum).toBeLessThanOrEqual(msOf(within))
    // The page rounds up to whole units.
    const unit = /second/.test(within!) ? 1_000 : /minute/.test(within!) ? 60_000 : 3_600_000
    expect(msOf(within) - sum).toBeLessThan(unit)
  }
})

it('docs/deploy.md: a lead whose calls get no reply is parked after the time that the bounds state', () => {
  const { waits } = failForEver(verdictOf({ kind: 'late', timeout: 90_000 }))

  const sum = waits.reduce((total, wait) => total + wait, 0)
  const stated = msOf(cellsOf('no reply in time')[1])
  expect(sum).toBeGreaterThan(stated)
  // The first attempt after that time is the last one.
  expect(sum).toBeLessThanOrEqual(stated + msOf(cellsOf('longest wait between')[0]))
  expect(waits[0]).toBe(msOf(cellsOf('first wait of a lead')[0]))
  expect(Math.max(...waits)).toBe(msOf(cellsOf('longest wait between')[0]))
})

it('docs/deploy.md: pauses and other times are those that the bounds state', () => {
  const job: Job = { lead: lead('a'), attempt: 1, failures: 0 }
  const pauseOf = (failure: Failure, attempt: number): number => {
    const batch = { jobs: [{ ...job, attempt }], leaseExpiresAt: T }
    const context = { now: T, random: () => 1, schedule: RETRY_SCHEDULE, batch }
    const outcome = decideOutcome(verdictOf(failure), { ...job, attempt }, context)
    return outcome.kind === 'stopped' ? outcome.retryAt - T : Number.NaN
  }
  const refused = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })

  expect(pauseOf({ kind: 'unreachable', error: refused }, 1)).toBe(2_000)
  expect(pauseOf({ kind: 'unreachable', error: refused }, 99)).toBe(
    msOf(cellsOf('pause of the account while Marketo')[0]),
  )
  expect(pauseOf(fault('20014'), 1)).toBe(msOf(cellsOf('pause of the account while it is blocked')[0]))
  expect(msOf(cellsOf('wait after a lost reply')[0])).toBe(leaseOf({ timeout: 90_000 }))
  expect(msOf(cellsOf('time from its first failure')[0])).toBe(STEP_ASIDE_AFTER_MS)
  expect(msOf(cellsOf('time after which a lead that fails')[0])).toBe(RETRY_SCHEDULE.giveUpAfter)
})

it('docs/deploy.md: the circuit breaker closes after as many probes as the bounds state', () => {
  const stopped: Outcome = { kind: 'stopped', retryAt: T, reason: 'no', blocked: true }
  let breaker: Breaker | undefined = breakerAfter(undefined, 1, [stopped])
  let probes = 0

  for (; breaker; probes += 1) breaker = breakerAfter(withProbe(breaker, 2, T), 2, [{ kind: 'delivered', leadId: 7 }])

  expect(String(probes)).toBe(cellsOf('probes that must be')[0])
})
