/**
 * What happens to the relays while people send: kills, freezes, clocks that jump, limits that change.
 *
 * The one thing it spares them: a clock that is set forward between two lives while a call of the first is still at
 * Marketo. Where it jumps forward, the next life begins when Marketo has no call under way.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AskedFault } from '../../demo/marketo/faults.ts'
import { chanceOf, deckOf, type Chance } from './chance.ts'
import { steadyNow } from './journal.ts'
import type { Marketo } from './marketo.ts'
import type { Life, Platform, RelayLimits } from './relays.ts'
import { STEPS, type Fate, type Step } from './steps.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Nothing is to wait for longer, whatever a clock has said: in milliseconds, and a little more than the relay's own. */
export const LONGEST_WAIT = 2.1 * HOUR

/** Longer than a call may count as under way with the deadline of a run, in milliseconds. */
const BEYOND_THE_LEASE = 2_600

/** A stretch of the run, and the limits that hold in it. */
export interface Part {
  name: string
  /** Milliseconds. */
  length: number
  limits: Omit<RelayLimits, 'perDay'>
  /** Marketo allows the relay no more than it takes, and no clock goes forward. */
  tight: boolean
  /** How often a relay starts with a clock that is wrong. */
  wrongClocks: number
  /** The relay may make so many calls more today, and Marketo allows no more. */
  callsLeft?: number
  /** Shares of all calls. */
  faults: readonly AskedFault[]
}

/** A time in which the same limits held, and in which no clock went forward. */
export interface Reign {
  part: string
  from: number
  until: number
  callsPer20s: number
  concurrency: number
  /** Calls that were left of the day when it began. */
  callsLeft?: number
  /** Marketo allowed no more than the relay took, and no fault spoke of a limit that was not met. */
  tight: boolean
}

/** What happened, for the report. */
export interface Weather {
  reigns: Reign[]
  /** Deaths by step; `random` are those that came from outside, `told` those that were asked for. */
  deaths: Map<string, number>
  freezes: number
  /** Deaths of the store. */
  shakes: number
  /** Verdicts that came late, and processes that stood still after a claim. */
  late: number
  stalls: number
  jumps: { running: number; forward: number; back: number; furthest: number }
  lives: number
  relays: number
  /** Milliseconds that passed between the parts, for the relays alone. */
  passed: number
  /** Milliseconds that relays served, all together, and those that the storm lasted. */
  served: number
  lasted: number
}

export interface StormOptions {
  seed: number
  platform: Platform
  marketo: Marketo
  parts: readonly Part[]
}

/** Lets it pass over the relays; resolves when the last life of the last part has ended. */
export async function letItPass(options: StormOptions): Promise<Weather> {
  const { seed, platform, marketo, parts } = options
  const weather: Weather = {
    reigns: [],
    deaths: new Map(),
    freezes: 0,
    shakes: 0,
    late: 0,
    stalls: 0,
    jumps: { running: 0, forward: 0, back: 0, furthest: 0 },
    lives: 0,
    relays: platform.urls.length,
    passed: 0,
    served: 0,
    lasted: 0,
  }
  const began = steadyNow()
  const machines = platform.urls.map((_, relay) => createMachine(relay, chanceOf(seed, 'relay', relay)))
  for (const [number, part] of parts.entries()) {
    const limits = await setLimits(part, options)
    await marketo.calm()
    await marketo.ask(part.faults, seed + number)
    reign(weather, part)
    const until = steadyNow() + part.length
    await Promise.all([
      ...machines.map((machine) => liveUntil(until, machine, limits, part, options, weather)),
      shakeUntil(until, chanceOf(seed, 'store', number), options, weather),
    ])
    closeReign(weather)
    // What one part has used of the limits, or made to wait, is not to be missing in the next: the clock goes on.
    if (platform.can.moveTheClock) {
      weather.passed = Math.max(weather.passed, ...machines.map(({ wentBy }) => wentBy)) + LONGEST_WAIT
    }
  }
  weather.lasted = steadyNow() - began
  return weather
}

/** The store dies too, where it is one of its own. */
async function shakeUntil(until: number, chance: Chance, { platform }: StormOptions, weather: Weather): Promise<void> {
  if (!platform.shake) return
  for (;;) {
    const next = chance.between(4, 12) * SECOND
    if (steadyNow() + next > until) return
    await sleep(next)
    await platform.shake()
    weather.shakes += 1
  }
}

/** The machine that one relay runs on: its clock outlives the relay. */
interface Machine {
  relay: number
  chance: Chance
  /** Milliseconds that its system's clock is off. */
  off: number
  /** How far the clock was off that the last life went by. */
  wentBy: number
  nextFate: () => Step | 'random' | 'start' | 'told'
}

function createMachine(relay: number, chance: Chance): Machine {
  const steps = Object.keys(STEPS) as Step[]
  return {
    relay,
    chance,
    off: 0,
    wentBy: 0,
    nextFate: deckOf([...steps, 'random', 'random', 'random', 'start', 'told'], chance),
  }
}

async function liveUntil(
  until: number,
  machine: Machine,
  limits: RelayLimits,
  part: Part,
  options: StormOptions,
  weather: Weather,
): Promise<void> {
  while (steadyNow() < until) {
    await setClockBeforeStart(machine, part, options, weather)
    await liveOnce(until, machine, limits, part, options, weather)
    await sleep(machine.chance.between(0, 100))
  }
}

/** One life, from a start to an end. */
async function liveOnce(
  until: number,
  machine: Machine,
  limits: RelayLimits,
  part: Part,
  { platform }: StormOptions,
  weather: Weather,
): Promise<void> {
  const { relay, chance, nextFate } = machine
  const end = platform.can.dieAtSteps ? nextFate() : chance.pick(['random', 'random', 'start', 'told'] as const)
  const atStep = end !== 'random' && end !== 'start' && end !== 'told'
  const life = platform.start(relay, {
    fate: { ...otherFate(chance), ...(atStep && { death: deathAt(end, chance, platform) }) },
    clock: { boot: weather.passed + machine.off, after: machine.off },
    limits,
  })
  weather.lives += 1
  const over = life.ended.then(() => true)
  // Told where it is waited for.
  over.catch(() => {})
  const within = (ms: number) => Promise.race([over, pause(Math.min(ms, until - steadyNow()), false)])

  if (end === 'start') await within(platform.slowness * chance.between(0, 600))
  else {
    const served = await Promise.race([life.ready, pause(20 * SECOND, undefined)])
    if (served === undefined) throw new Error('a relay does not start')
    const from = steadyNow()
    if (served) await passTime(life, machine, within, part, platform, weather)
    // It is given some time to come to its step.
    if (atStep) await within(3 * SECOND)
    weather.served += steadyNow() - from
  }
  if (end === 'told') life.end()
  else life.kill()
  // One that is told to end waits for its calls.
  const ended = await Promise.race([life.ended.then((step) => ({ step })), pause(15 * SECOND, undefined)])
  if (!ended) throw new Error('a relay that was told to end goes on')
  count(weather.deaths, ended.step ?? (atStep ? 'random' : end))
  for (const what of life.told()) weather[what === 'late' ? 'late' : 'stalls'] += 1
}

/** Seconds in which the clock may jump and the process may stand still. */
async function passTime(
  life: Life,
  machine: Machine,
  within: (ms: number) => Promise<boolean>,
  { tight }: Part,
  { can, slowness }: Platform,
  weather: Weather,
): Promise<void> {
  const { chance } = machine
  const setClock = (off: number) => {
    weather.jumps.running += 1
    machine.off = off
    life.clock(off)
  }
  for (let left = chance.between(1, 3); left > 0; left -= 1) {
    if (await within(slowness * chance.between(200, 1_000))) return
    // Someone sees that the clock is wrong.
    if (machine.off !== 0) setClock(0)
    else if (can.moveTheClock && chance.happens(0.3)) {
      setClock(jump(chance, weather))
      if (await within(chance.between(100, 800))) return
      if (tight || chance.happens(0.92)) setClock(0)
    } else if (chance.happens(0.1)) {
      weather.freezes += 1
      await life.freeze(chance.between(300, BEYOND_THE_LEASE + 500))
    }
  }
}

/** It comes to the step within a second or two, as a rule. */
function deathAt(step: Step, chance: Chance, { can }: Platform): NonNullable<Fate['death']> {
  const starts = step.startsWith('start')
  const time = starts ? 1 : chance.between(1, step.startsWith('add') ? 60 : 8)
  if (can.waitForTheStore) return { step, time, within: chance.between(0, starts ? 400 : 4) }
  return { step, time, statement: chance.between(1, 12) }
}

/** What else may go wrong in a life. */
function otherFate(chance: Chance): Fate {
  const thrown = chance.random()
  if (thrown < 0.4) return { late: { call: chance.between(1, 4), ms: 2 * BEYOND_THE_LEASE } }
  if (thrown < 0.7) return { stall: { claim: chance.between(1, 3), ms: BEYOND_THE_LEASE } }
  return {}
}

/** How far a clock is off that someone has set wrong: seconds, hours or days, either way. */
function jump(chance: Chance, { jumps }: Weather): number {
  const far = chance.pick([20 * SECOND, 2 * MINUTE, 10 * HOUR, 2 * DAY])
  const off = chance.pick([-1, 1]) * chance.between(far / 2, far)
  jumps.furthest = Math.max(jumps.furthest, Math.abs(off))
  return off
}

/** A machine may start with another time than it went down with. */
async function setClockBeforeStart(
  machine: Machine,
  part: Part,
  { platform, marketo }: StormOptions,
  weather: Weather,
): Promise<void> {
  const { chance } = machine
  // Where limits are met to the last call, a clock that goes forward would bring new ones.
  if (part.tight) machine.off = 0
  else if (platform.can.moveTheClock && machine.off === 0 && chance.happens(part.wrongClocks))
    machine.off = jump(chance, weather)
  const goesBy = weather.passed + machine.off
  if (goesBy > machine.wentBy) {
    weather.jumps.forward += 1
    await marketo.idle()
    closeReign(weather)
    reign(weather, part)
  } else if (goesBy < machine.wentBy) weather.jumps.back += 1
  machine.wentBy = goesBy
}

async function setLimits(part: Part, { platform, marketo }: StormOptions): Promise<RelayLimits> {
  // Calls of the part before are none of this one's.
  await marketo.idle()
  const { callsPer20s, concurrency } = part.limits
  const { callsLeft } = part
  const perDay = callsLeft === undefined ? 1_000_000 : (await platform.spentToday()) + callsLeft
  const { used } = await marketo.limits()
  const daily = callsLeft === undefined ? 1_000_000 : used.today + callsLeft
  // Marketo remembers the calls of the part before; the relay's clock says that they are long ago.
  const ratePer20s = callsPer20s + used.last20s
  await marketo.limit(
    part.tight ? { ratePer20s, concurrency, daily } : { ratePer20s: 1_000_000, concurrency: 1_000, daily },
  )
  return { ...part.limits, perDay }
}

function reign({ reigns }: Weather, { name, limits, tight, callsLeft }: Part): void {
  const from = steadyNow()
  reigns.push({ part: name, from, until: Infinity, tight, ...limits, ...(callsLeft !== undefined && { callsLeft }) })
}

function closeReign({ reigns }: Weather): void {
  const last = reigns.at(-1)
  if (last) last.until = steadyNow()
}

/** Resolves after so many milliseconds, and holds nothing up. */
function pause<T>(ms: number, value: T): Promise<T> {
  return sleep(Math.max(0, ms), value, { ref: false })
}

function count(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
