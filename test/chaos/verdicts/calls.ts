/** Checks that calls stayed within the limits. */
import type { CallLine } from '../../../demo/simulator/view.ts'
import type { LimitPeriod } from '../fault-log.ts'
import { CALM_PART } from '../fault-plan.ts'
import type { CheckResult, Evidence, Violation } from './evidence.ts'

const WINDOW_MS = 20_000

/**
 * Tolerance of the window, in ms. The relay counts a call when it begins it, Marketo when it arrives, and the time
 * between varies on a machine that runs both.
 */
const MAX_TRANSIT_MS = 1_000

/** Checks the calls in any 20 seconds, less the tolerance. */
export function checkRate({ calls, periods }: Evidence): CheckResult {
  const violations = periods.flatMap((period): Violation[] => {
    const arrivals = callsIn(period, calls).map(({ arrivedAt }) => arrivedAt)
    const fullest = fullestWindow(arrivals, WINDOW_MS - MAX_TRANSIT_MS)
    if (fullest.calls <= period.callsPer20s) return []
    const what = `${fullest.calls} calls in ${(WINDOW_MS - MAX_TRANSIT_MS) / 1_000} s, of ${period.callsPer20s} in 20 s`
    return [{ of: period.part, at: fullest.from, what }]
  })
  return { rule: 'Calls in 20 seconds stayed within the limit', looked: calls.length, unit: 'calls', violations }
}

/** Checks the connections that were open at once. */
export function checkConcurrency({ calls, periods }: Evidence): CheckResult {
  const violations = periods.flatMap((period): Violation[] => {
    const peak = peakOf(callsIn(period, calls))
    if (peak.calls <= period.concurrency) return []
    return [{ of: period.part, at: peak.at, what: `${peak.calls} calls at once, of ${period.concurrency}` }]
  })
  return { rule: 'Calls at once stayed within the limit', looked: calls.length, unit: 'calls', violations }
}

/** Checks the calls of a day, in periods that left a fixed number of them. */
export function checkDay({ calls, periods }: Evidence): CheckResult {
  const limited = periods.flatMap(({ callsLeft, ...period }) =>
    callsLeft === undefined ? [] : [{ part: period.part, callsLeft, own: callsIn(period, calls) }],
  )
  const violations = limited
    .filter(({ own, callsLeft }) => own.length > callsLeft)
    .map(({ part, own, callsLeft }) => ({
      of: part,
      at: own[callsLeft]!.arrivedAt,
      what: `${own.length} calls, of ${callsLeft}`,
    }))
  const looked = limited.reduce((sum, { own }) => sum + own.length, 0)
  return { rule: 'Calls in a day stayed within the limit', looked, unit: 'calls', violations }
}

/**
 * Checks Marketo's refusals, in periods in which Marketo allowed no more than the relay takes.
 *
 * One kind of refusal is not the relay's fault: of a call that arrived while Marketo was still at work on another one
 * that had timed out at the relay. Marketo counts that other call, the relay does not.
 */
export function checkRefusals(evidence: Evidence): CheckResult {
  const { looked, refused } = refusalsIn(evidence)
  const violations = refused
    .filter(({ timedOut }) => !timedOut)
    .map(({ call }) => ({ of: `call ${call.number}`, at: call.arrivedAt, what: `was refused: ${call.code}` }))
  return { rule: 'Marketo refused no call because of a limit', looked, unit: 'calls', violations }
}

/** Counts the calls that Marketo refused because of others that had timed out at the relay. */
export function countTimedOutRefusals(evidence: Evidence): number {
  return refusalsIn(evidence).refused.filter(({ timedOut }) => timedOut).length
}

/** Codes of the limit of calls at once, of SOAP and of REST. */
const CONCURRENCY_CODES: ReadonlySet<string | null> = new Set(['20024', '615'])
/** Codes of the limits of a day, of 20 seconds and of calls at once. */
const LIMIT_CODES = new Set(['20015', '20023', '607', '606', ...CONCURRENCY_CODES])

function refusalsIn({ calls, periods }: Evidence): {
  looked: number
  refused: { call: CallLine; timedOut: boolean }[]
} {
  const tight = periods.filter((period) => period.tight)
  const refused = tight.flatMap((period) =>
    callsIn(period, calls)
      .filter(({ code }) => code !== null && LIMIT_CODES.has(code))
      .map((call) => ({
        call,
        timedOut: CONCURRENCY_CODES.has(call.code) && openAt(call.arrivedAt, calls) <= period.concurrency,
      })),
  )
  return { looked: tight.reduce((sum, period) => sum + callsIn(period, calls).length, 0), refused }
}

/** Returns the names of the parts with faults in which no call came: a run shows nothing of them. */
export function partsWithoutCalls({ calls, periods }: Evidence): string[] {
  const parts = Map.groupBy(periods, ({ part }) => part)
  parts.delete(CALM_PART)
  return [...parts]
    .filter(([, own]) => own.every((period) => callsIn(period, calls).length === 0))
    .map(([part]) => part)
}

/** Counts the connections that were open at that time. */
function openAt(time: number, calls: readonly CallLine[]): number {
  return calls.filter(({ arrivedAt, endedAt }) => arrivedAt <= time && (endedAt ?? Infinity) > time).length
}

function callsIn({ from, until }: Pick<LimitPeriod, 'from' | 'until'>, calls: readonly CallLine[]): CallLine[] {
  // Requests for a token count in no limit.
  return calls.filter(({ arrivedAt, operation }) => arrivedAt >= from && arrivedAt < until && operation !== 'identity')
}

/** Returns the fullest window that begins with one of the times. The times are in order, the window is in ms. */
function fullestWindow(times: readonly number[], window: number): { calls: number; from: number } {
  let fullest = { calls: 0, from: 0 }
  let end = 0
  for (const [index, from] of times.entries()) {
    while (end < times.length && times[end]! < from + window) end += 1
    if (end - index > fullest.calls) fullest = { calls: end - index, from }
  }
  return fullest
}

/** Returns the largest number of connections that were open at once, and since when. */
function peakOf(calls: readonly CallLine[]): { calls: number; at: number } {
  const edges = calls
    .flatMap(({ arrivedAt, endedAt }) => [
      { at: arrivedAt, change: 1 },
      { at: endedAt ?? Infinity, change: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || a.change - b.change)
  let open = 0
  let peak = { calls: 0, at: 0 }
  for (const { at, change } of edges) {
    open += change
    if (open > peak.calls) peak = { calls: open, at }
  }
  return peak
}
