/** Applies the parts of a run to the relays: limits, Marketo's faults, relay processes and crashes of the store. */
import { setTimeout as sleep } from 'node:timers/promises'
import { chanceOf, type Chance } from './chance.ts'
import { createFaultLog, endPeriod, startPeriod, type FaultLog } from './fault-log.ts'
import type { Part } from './fault-plan.ts'
import { steadyNow } from './journal.ts'
import { createMachine, runRelays } from './machine.ts'
import type { Marketo } from './marketo.ts'
import { startPartTime } from './part-time.ts'
import { CONSOLE_TOKEN } from './node-relays.ts'
import { retryMarketo } from './operator.ts'
import type { Platform, RelayLimits } from './relays.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND

/** Hour of the day by which Marketo counts calls. */
const CENTRAL_HOUR = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/Chicago',
  hour: '2-digit',
  hourCycle: 'h23',
})

/**
 * Time by which the relays' clocks are set forward between two parts, in ms. Longer than the two hours that a lead may
 * wait in any case, so that no part finds limits or leads that still wait because of the one before.
 */
export const CLOCK_STEP_MS = 2.1 * HOUR

/** Limits at Marketo that no run reaches. */
const NO_LIMITS = { ratePer20s: 1_000_000, concurrency: 1_000 }
const NO_DAILY_LIMIT = 1_000_000

export interface ConditionsOptions {
  seed: number
  platform: Platform
  marketo: Marketo
  parts: readonly Part[]
  /** Returns true while the last part must not end, though its time is over. */
  mustGoOn: (log: FaultLog) => boolean
}

/** Applies all parts, one after the other. Resolves when the last relay process of the last part has ended. */
export async function applyConditions(options: ConditionsOptions): Promise<FaultLog> {
  const { seed, platform, marketo, parts, mustGoOn } = options
  const log = createFaultLog(platform.urls.length)
  const startedAt = steadyNow()
  const machines = platform.urls.map((_, relay) => createMachine(relay, chanceOf(seed, 'relay', relay)))
  for (const [number, part] of parts.entries()) {
    const limits = await setLimits(part, options, log)
    await marketo.clearFaults()
    await marketo.addFaults(part.faults, seed + number)
    startPeriod(log, part)
    let isCalled = false
    const partLeft = startPartTime({ length: part.length, now: steadyNow, isCalled: () => isCalled })
    const isLast = number === parts.length - 1
    const timeLeft = () => (isLast && mustGoOn(log) ? Infinity : partLeft())
    const context = { part, timeLeft, limits, platform, marketo, log }
    let relaysRun = true
    const calling = waitForCall(marketo, () => relaysRun).then(() => (isCalled = true))
    const running = Promise.all(machines.map((machine) => runRelays(machine, context)))
    await Promise.all([
      running.finally(() => (relaysRun = false)),
      calling,
      crashStoreAtTimes(timeLeft, chanceOf(seed, 'store', number), platform, log),
      retryWhenDue(() => relaysRun, platform, log),
    ])
    endPeriod(log)
    // A wait that was set with the clock ahead lasts for five minutes when the clock is right again: longer than a part.
    log.retryIsDue ||= part.storeClockError !== undefined || (part.quotaSpent === true && !canSkip(platform))
    if (canSkip(platform)) {
      // After a part with clocks ahead the next process has a right clock, and finds due times that are far ahead.
      const reached = part.clocksSetBack ? [] : machines.map(({ lastError }) => lastError)
      const from = Math.max(log.skipped, ...reached)
      log.skipped = from + (part.quotaSpent ? timeUntilMidnight(Date.now() + from) : CLOCK_STEP_MS)
    }
  }
  log.lasted = steadyNow() - startedAt
  return log
}

/** Returns whether the clock that the relays go by can be set forward between two parts. */
export function canSkip({ can, setStoreClock }: Platform): boolean {
  return can.setClock || setStoreClock !== undefined
}

/** Sets the store's clock, where it has one of its own. Call only while no relay runs and Marketo is idle. */
export async function setStoreClock(platform: Platform, error: number, log: FaultLog): Promise<void> {
  if (!platform.setStoreClock) return
  await platform.setStoreClock(error)
  const { storeClock } = log
  if (error !== log.storeClockError) storeClock[error > log.storeClockError ? 'forward' : 'back'] += 1
  log.storeClockError = error
}

/** Returns the time until two minutes after the next midnight in US Central time, in ms, to the hour. */
function timeUntilMidnight(from: number): number {
  const nextHour = Math.ceil(from / HOUR) * HOUR
  const hours = Array.from({ length: 26 }, (_, ahead) => nextHour + ahead * HOUR)
  return hours.find((time) => CENTRAL_HOUR.format(time) === '00')! - from + 2 * 60 * SECOND
}

/** Resolves when Marketo was called, or when no relay runs any more. Call before the relays start. */
async function waitForCall(marketo: Marketo, relaysRun: () => boolean): Promise<void> {
  const before = await marketo.lastCall()
  while (relaysRun() && (await marketo.lastCall()) === before) await sleep(200)
}

/** Has an operator make the relays try again, once they serve. */
async function retryWhenDue(relaysRun: () => boolean, platform: Platform, log: FaultLog): Promise<void> {
  while (log.retryIsDue && relaysRun()) if (!(await retryRelays(platform, log))) await sleep(200)
}

/** Makes the relays try again. Resolves with whether they serve. */
export async function retryRelays({ urls }: Platform, log: FaultLog): Promise<boolean> {
  if (!(await retryMarketo(urls[0]!, CONSOLE_TOKEN))) return false
  log.retryIsDue = false
  log.retries += 1
  return true
}

/** Crashes the store every few seconds, where it is a program of its own. */
async function crashStoreAtTimes(
  timeLeft: () => number,
  chance: Chance,
  platform: Platform,
  log: FaultLog,
): Promise<void> {
  if (!platform.crashStore) return
  for (;;) {
    const next = chance.between(4, 12) * SECOND
    if (next > timeLeft()) return
    await sleep(next)
    await platform.crashStore()
    log.storeCrashes += 1
  }
}

async function setLimits(part: Part, { platform, marketo }: ConditionsOptions, log: FaultLog): Promise<RelayLimits> {
  // No call of the part before may be counted in this one.
  await marketo.idle()
  await setStoreClock(platform, log.skipped + (part.storeClockError ?? 0), log)
  const { skipped } = log
  const { callsPer20s, concurrency } = part.limits
  const { callsLeft } = part
  const perDay =
    callsLeft === undefined ? NO_DAILY_LIMIT : (await platform.spentToday(Date.now() + skipped)) + callsLeft
  const { used } = await marketo.limits()
  const daily = callsLeft === undefined ? NO_DAILY_LIMIT : used.today + callsLeft
  // Marketo still counts the calls of the part before; for the relay's clock they are hours ago.
  const ratePer20s = callsPer20s + used.last20s
  await marketo.setLimits(part.tight ? { ratePer20s, concurrency, daily } : { ...NO_LIMITS, daily })
  return { ...part.limits, perDay }
}
