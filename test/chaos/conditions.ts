/** What happens to the relays while people send: part by part, with the limits that hold in each. */
import { setTimeout as sleep } from 'node:timers/promises'
import { chanceOf, type Chance } from './chance.ts'
import { steadyNow } from './journal.ts'
import { createMachine, liveOn } from './machine.ts'
import type { Marketo } from './marketo.ts'
import type { Platform, RelayLimits } from './relays.ts'
import { clearSky, closeReign, reign, type Part, type FaultPlan } from './fault-plan.ts'

const SECOND = 1_000

/** Nothing is to wait for longer, whatever a clock has said: two hours, and a little more. In milliseconds. */
export const LONGEST_WAIT = 2.1 * 3_600 * SECOND

export interface StormOptions {
  seed: number
  platform: Platform
  marketo: Marketo
  parts: readonly Part[]
}

/** Lets it pass over the relays; resolves when the last life of the last part has ended. */
export async function letItPass(options: StormOptions): Promise<FaultPlan> {
  const { seed, platform, marketo, parts } = options
  const weather = clearSky(platform.urls.length)
  const began = steadyNow()
  const machines = platform.urls.map((_, relay) => createMachine(relay, chanceOf(seed, 'relay', relay)))
  for (const [number, part] of parts.entries()) {
    const limits = await setLimits(part, options, weather)
    await marketo.calm()
    await marketo.ask(part.faults, seed + number)
    reign(weather, part)
    const around = { part, until: steadyNow() + part.length, limits, platform, marketo, weather }
    await Promise.all([
      ...machines.map((machine) => liveOn(machine, around)),
      shakeUntil(around.until, chanceOf(seed, 'store', number), options, weather),
    ])
    closeReign(weather)
    // What one part has used of the limits, or made to wait, is not to be missing in the next: the clock goes on.
    if (platform.can.moveTheClock) {
      // After a part in which clocks were ahead they are right again: the next life finds what waits for a time far off.
      const reached = part.clocksSetBack ? [] : machines.map(({ wentBy }) => wentBy)
      weather.passed = Math.max(weather.passed, ...reached) + LONGEST_WAIT
    }
  }
  weather.lasted = steadyNow() - began
  return weather
}

/** The store dies too, where it is one of its own. */
async function shakeUntil(
  until: number,
  chance: Chance,
  { platform }: StormOptions,
  weather: FaultPlan,
): Promise<void> {
  if (!platform.shake) return
  for (;;) {
    const next = chance.between(4, 12) * SECOND
    if (steadyNow() + next > until) return
    await sleep(next)
    await platform.shake()
    weather.shakes += 1
  }
}

async function setLimits(part: Part, { platform, marketo }: StormOptions, { passed }: FaultPlan): Promise<RelayLimits> {
  // Calls of the part before are none of this one's.
  await marketo.idle()
  const { callsPer20s, concurrency } = part.limits
  const { callsLeft } = part
  const perDay = callsLeft === undefined ? 1_000_000 : (await platform.spentToday(Date.now() + passed)) + callsLeft
  const { used } = await marketo.limits()
  const daily = callsLeft === undefined ? 1_000_000 : used.today + callsLeft
  // Marketo remembers the calls of the part before; the relay's clock says that they are long ago.
  const ratePer20s = callsPer20s + used.last20s
  await marketo.limit(
    part.tight ? { ratePer20s, concurrency, daily } : { ratePer20s: 1_000_000, concurrency: 1_000, daily },
  )
  return { ...part.limits, perDay }
}
