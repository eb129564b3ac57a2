/** The time after the last fault: the relays deliver what is left, and an operator has parked leads sent again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { canSkip, CLOCK_STEP_MS, retryRelays, setStoreClock } from './conditions.ts'
import { startPeriod, type FaultLog } from './fault-log.ts'
import { CALM_PART, type Part } from './fault-plan.ts'
import type { Journal } from './journal.ts'
import type { Marketo } from './marketo.ts'
import { CONSOLE_TOKEN } from './node-relays.ts'
import { replayParked } from './operator.ts'
import type { Platform, RelayProcess } from './relays.ts'

export interface Drained {
  /** Time until the outbox was empty, in ms. */
  ms: number
  /** True when the clock had to be set forward for it. */
  clockSetForward: boolean
  /** Number of parked leads that the operator had sent again. */
  replayed: number
}

/** Limits that are wide enough for everything that is left. */
const WIDE = { callsPer20s: 100, concurrency: 10, leadsPerCall: 300, perDay: 1_000_000 }
const CALM: Part = { name: CALM_PART, length: 0, limits: WIDE, tight: false, wrongClocks: 0, faults: [] }

/** Time in which the outbox becomes empty where no lead waits for a time that is far ahead, in ms. */
const UNAIDED_DRAIN_MS = 8_000

/** Time without a call after which the outbox may be empty, in ms. */
const QUIET_MS = 5_000

/** Lets the relays deliver what is left, without faults. */
export async function drain(platform: Platform, marketo: Marketo, log: FaultLog, journal: Journal): Promise<Drained> {
  const startedAt = performance.now()
  await marketo.idle()
  await marketo.setLimits({ ratePer20s: 1_000_000, concurrency: 1_000, daily: 1_000_000_000 })
  await setStoreClock(platform, log.skipped, log)
  startPeriod(log, CALM)
  const drained = platform.wakesByAlarm
    ? await drainByAlarm(platform, marketo, log)
    : await drainByPolling(platform, marketo, log, journal)
  return { ...drained, ms: performance.now() - startedAt }
}

/**
 * Polls until the outbox is empty. Where leads wait for a time that is far ahead, the clock is set forward. Then an
 * operator has parked leads sent again.
 */
async function drainByPolling(
  platform: Platform,
  marketo: Marketo,
  log: FaultLog,
  journal: Journal,
): Promise<Omit<Drained, 'ms'>> {
  let relays = await startAll(platform, log.skipped)
  const empty = await untilEmpty(platform, UNAIDED_DRAIN_MS)
  const clockSetForward = !empty && canSkip(platform)
  if (clockSetForward) {
    await shutDownAll(relays)
    await marketo.idle()
    await setStoreClock(platform, log.skipped + CLOCK_STEP_MS, log)
    startPeriod(log, CALM)
    relays = await startAll(platform, log.skipped + CLOCK_STEP_MS)
  }
  let replayed = 0
  if (empty || (await untilEmpty(platform, platform.drainTimeout))) {
    replayed = await replayParked(platform.urls[0]!, CONSOLE_TOKEN, journal)
    await untilEmpty(platform, platform.drainTimeout)
  }
  await shutDownAll(relays)
  return { clockSetForward, replayed }
}

/**
 * Sends the relay no request, unless an operator still has to make it try again after the last part: its alarm alone
 * must make it deliver what is left, in this process or the next one.
 */
async function drainByAlarm(platform: Platform, marketo: Marketo, log: FaultLog): Promise<Omit<Drained, 'ms'>> {
  const until = performance.now() + platform.drainTimeout
  for (let waiting = true, tries = 0; waiting && performance.now() < until; tries += 1) {
    const relays = await startAll(platform, 0)
    // The relay may have crashed during the call that the operator had asked for: an hour later it would make the next one.
    if (log.retryIsDue || (tries > 0 && log.retries > 0)) await retryRelays(platform, log)
    await marketo.quiet(QUIET_MS)
    await shutDownAll(relays)
    waiting = (await platform.jobs()).some(
      ({ state, owesCookie }) => owesCookie === true || (state !== 'delivered' && state !== 'parked'),
    )
  }
  return { clockSetForward: false, replayed: 0 }
}

async function startAll(platform: Platform, atStart: number): Promise<RelayProcess[]> {
  const clock = { atStart: platform.can.setClock ? atStart : 0, afterwards: 0 }
  const relays = platform.urls.map((_, relay) => platform.start(relay, { faults: {}, clock, limits: WIDE }))
  for (const { ready } of relays) if (!(await ready)) throw new Error('a relay ended while it started')
  return relays
}

async function shutDownAll(relays: readonly RelayProcess[]): Promise<void> {
  for (const relay of relays) relay.shutDown()
  await Promise.all(relays.map(({ ended }) => ended))
}

/** Resolves with true once the outbox is empty, with false when that takes longer than `timeout`, in ms. */
async function untilEmpty({ urls }: Platform, timeout: number): Promise<boolean> {
  const until = performance.now() + timeout
  while (performance.now() < until) {
    const readiness = (await (
      await fetch(`${urls[0]}/readyz`, { headers: { authorization: `Bearer ${CONSOLE_TOKEN}` } })
    ).json()) as { backlog: number; owedCookies: number }
    if (readiness.backlog + readiness.owedCookies === 0) return true
    await sleep(50)
  }
  return false
}
