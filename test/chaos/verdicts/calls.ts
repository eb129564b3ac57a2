/** Did calls keep to the limits, and to one at a time for each person? */
import type { CallLine } from '../../../demo/simulator/view.ts'
import type { Reign } from '../fault-plan.ts'
import { groupBy, spanOf, type Break, type Evidence, type Verdict } from './evidence.ts'

const WINDOW = 20_000

/**
 * The relay counts a call when it begins it, Marketo when it arrives. What lies between is not always equally long: so
 * much it may differ, in milliseconds, on a machine that does all of this at once.
 */
const ON_THE_WAY = 1_000

/** No two calls of one person at one time. */
export function judgeOverlaps({ calls }: Evidence): Verdict {
  const pairs = calls.flatMap((call) => emailsIn(call).map((email) => ({ email, call })))
  const broken: Break[] = []
  for (const [email, own] of groupBy(pairs, (pair) => pair.email)) {
    const spans = own.map(({ call }) => ({ number: call.number, ...spanOf(call) })).toSorted((a, b) => a.from - b.from)
    let open = spans[0]!
    for (const span of spans.slice(1)) {
      if (span.from < open.until) {
        broken.push({
          of: email,
          at: span.from,
          what: `call ${span.number} began while call ${open.number} was at work`,
        })
      }
      if (span.until > open.until) open = span
    }
  }
  return { question: 'No two calls of one person overlapped', looked: pairs.length, of: 'leads in calls', broken }
}

function emailsIn({ records }: CallLine): string[] {
  return [...new Set((records ?? []).flatMap(({ email }) => email ?? []))]
}

/** Calls in any 20 seconds, but for what may differ on the way. */
export function judgeRate({ calls, reigns }: Evidence): Verdict {
  const broken = reigns.flatMap((reign): Break[] => {
    const arrivals = within(reign, calls).map(({ arrivedAt }) => arrivedAt)
    const worst = mostIn(arrivals, WINDOW - ON_THE_WAY)
    if (worst.calls <= reign.callsPer20s) return []
    const what = `${worst.calls} calls in ${(WINDOW - ON_THE_WAY) / 1_000} s, of ${reign.callsPer20s} in 20 s`
    return [{ of: reign.part, at: worst.from, what }]
  })
  return { question: 'Never more calls in 20 seconds than allowed', looked: calls.length, of: 'calls', broken }
}

/** Connections that were open at once. */
export function judgeAtOnce({ calls, reigns }: Evidence): Verdict {
  const broken = reigns.flatMap((reign): Break[] => {
    const own = within(reign, calls)
    const worst = mostAtOnce(own)
    if (worst.calls <= reign.concurrency) return []
    return [{ of: reign.part, at: worst.at, what: `${worst.calls} calls at once, of ${reign.concurrency}` }]
  })
  return { question: 'Never more calls at once than allowed', looked: calls.length, of: 'calls', broken }
}

/** Calls of a day, where so many were left of it. */
export function judgeDay({ calls, reigns }: Evidence): Verdict {
  const counted = reigns.filter(({ callsLeft }) => callsLeft !== undefined)
  const broken = counted.flatMap((reign): Break[] => {
    const own = within(reign, calls)
    if (own.length <= reign.callsLeft!) return []
    return [
      { of: reign.part, at: own[reign.callsLeft!]!.arrivedAt, what: `${own.length} calls, of ${reign.callsLeft}` },
    ]
  })
  const looked = counted.reduce((sum, reign) => sum + within(reign, calls).length, 0)
  return { question: 'Never more calls in a day than allowed', looked, of: 'calls', broken }
}

/**
 * Marketo's own word on it, where it allowed no more than the relay took.
 *
 * One refusal is none of the relay's: of a call that came while Marketo was still at work on another, on which the relay
 * had given up. Such a one counts for Marketo, and for the relay no more.
 */
export function judgeRefusals(evidence: Evidence): Verdict {
  const { looked, refused } = refusalsIn(evidence)
  const broken = refused.flatMap(({ call, givenUp }): Break[] =>
    givenUp ? [] : [{ of: `call ${call.number}`, at: call.arrivedAt, what: `was refused: ${call.code}` }],
  )
  return { question: 'Marketo refused no call for a limit', looked, of: 'calls', broken }
}

/** Calls that Marketo refused because it was at work on others on which the relay had given up. */
export function refusedForGivenUp(evidence: Evidence): number {
  return refusalsIn(evidence).refused.filter(({ givenUp }) => givenUp).length
}

function refusalsIn({ calls, reigns }: Evidence): { looked: number; refused: { call: CallLine; givenUp: boolean }[] } {
  const tight = reigns.filter((reign) => reign.tight)
  const refused = tight.flatMap((reign) =>
    within(reign, calls)
      .filter(({ code }) => code !== null && OF_LIMITS.has(code))
      .map((call) => ({ call, givenUp: call.code === AT_ONCE && openAt(call.arrivedAt, calls) <= reign.concurrency })),
  )
  return { looked: tight.reduce((sum, reign) => sum + within(reign, calls).length, 0), refused }
}

/** How many connections were open then. */
function openAt(time: number, calls: readonly CallLine[]): number {
  return calls.filter(({ arrivedAt, endedAt }) => arrivedAt <= time && (endedAt ?? Infinity) > time).length
}

const AT_ONCE = '20024'
/** Calls of the day, in 20 seconds, at once. */
const OF_LIMITS = new Set(['20015', '20023', AT_ONCE])

function within({ from, until }: Reign, calls: readonly CallLine[]): CallLine[] {
  return calls.filter(({ arrivedAt }) => arrivedAt >= from && arrivedAt < until)
}

/** The fullest window of so many milliseconds that begins with one of them. `times` are in order. */
function mostIn(times: readonly number[], window: number): { calls: number; from: number } {
  let worst = { calls: 0, from: 0 }
  let end = 0
  for (const [at, from] of times.entries()) {
    while (end < times.length && times[end]! < from + window) end += 1
    if (end - at > worst.calls) worst = { calls: end - at, from }
  }
  return worst
}

/** Most connections that were open at once, and since when. */
function mostAtOnce(calls: readonly CallLine[]): { calls: number; at: number } {
  const edges = calls
    .flatMap(({ arrivedAt, endedAt }) => [
      { at: arrivedAt, by: 1 },
      { at: endedAt ?? Infinity, by: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || a.by - b.by)
  let open = 0
  let worst = { calls: 0, at: 0 }
  for (const { at, by } of edges) {
    open += by
    if (open > worst.calls) worst = { calls: open, at }
  }
  return worst
}
