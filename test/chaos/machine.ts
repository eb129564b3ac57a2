/**
 * The machine that one relay runs on, and the relay's lives on it: how each begins, what goes wrong in it, how it ends.
 *
 * The one thing it spares the relay: a clock that is set forward between two lives while a call of the first is still at
 * Marketo. Where it jumps forward, the next life begins when Marketo has no call under way.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { deckOf, type Chance } from './chance.ts'
import { steadyNow } from './journal.ts'
import type { Marketo } from './marketo.ts'
import type { Life, Platform, RelayLimits } from './relays.ts'
import { STEPS, type Fate, type Step } from './steps.ts'
import { reign, type Part, type FaultPlan } from './fault-plan.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Longer than a call may count as under way with the deadline of a run, in milliseconds. */
const BEYOND_THE_LEASE = 2_600

/** How long a call takes then, in milliseconds: less than the deadline. */
const SLOW = 800

/** What all machines of a part share. */
export interface Surroundings {
  part: Part
  /** When the part is over. */
  until: number
  limits: RelayLimits
  platform: Platform
  marketo: Marketo
  weather: FaultPlan
}

/** The machine that one relay runs on: its clock outlives the relay. */
export interface Machine {
  relay: number
  chance: Chance
  /** Milliseconds that its system's clock is off. */
  off: number
  /** How far the clock was off that the last life went by, what has passed between the parts included. */
  wentBy: number
  nextFate: () => Step | 'random' | 'start' | 'told'
}

export function createMachine(relay: number, chance: Chance): Machine {
  const steps = Object.keys(STEPS) as Step[]
  return {
    relay,
    chance,
    off: 0,
    wentBy: 0,
    nextFate: deckOf([...steps, ...Array.from({ length: 5 }, () => 'random' as const), 'start', 'told'], chance),
  }
}

/** One life after the other, until the part is over. */
export async function liveOn(machine: Machine, around: Surroundings): Promise<void> {
  while (steadyNow() < around.until) {
    await setClockBeforeStart(machine, around)
    await liveOnce(machine, around)
    await sleep(machine.chance.between(0, 100))
  }
}

/** One life, from a start to an end. */
async function liveOnce(machine: Machine, around: Surroundings): Promise<void> {
  const { relay, chance } = machine
  const { part, platform, limits, until, weather } = around
  const end = endOf(machine, around)
  const atStep = end !== 'random' && end !== 'start' && end !== 'told'
  const fate = atStep ? { death: deathAt(end, chance, platform) } : otherFate(chance, part)
  const clock = { boot: weather.passed + machine.off, after: machine.off }
  const life = platform.start(relay, { fate, clock, limits })
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
    if (fate.stall) void slowOnceItStands(life, around.marketo, over)
    if (served) await passTime(life, machine, within, around)
    // It is given some time to meet its fate.
    if (fate.death || fate.late || fate.stall) await within(BEYOND_THE_LEASE + SECOND)
    weather.served += steadyNow() - from
  }
  if (end === 'told') life.end()
  else life.kill()
  // One that is told to end waits for its calls.
  const ended = await Promise.race([life.ended.then((step) => ({ step })), pause(15 * SECOND, undefined)])
  if (!ended) throw new Error('a relay that was told to end goes on')
  const how = ended.step ?? (atStep ? 'random' : end)
  weather.deaths.set(how, (weather.deaths.get(how) ?? 0) + 1)
  for (const what of life.told()) weather[what === 'late' ? 'late' : 'stalls'] += 1
}

function endOf({ chance, nextFate }: Machine, { part, platform }: Surroundings): Step | 'random' | 'start' | 'told' {
  if (!platform.can.dieAtSteps) return chance.pick(['random', 'random', 'start', 'told'])
  return part.lateVerdicts ? 'random' : nextFate()
}

/** While the relay stands still after a claim Marketo grows slow: were the call to go all the same, it would be met. */
async function slowOnceItStands(life: Life, marketo: Marketo, over: Promise<boolean>): Promise<void> {
  while (!life.told().includes('stall')) {
    if (await Promise.race([over.catch(() => true), pause(100, false)])) return
  }
  await marketo.slow(SLOW)
}

/** Seconds in which the clock may jump and the process may stand still. */
async function passTime(
  life: Life,
  machine: Machine,
  within: (ms: number) => Promise<boolean>,
  { part: { tight }, platform: { can, slowness }, weather }: Surroundings,
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
  const time = starts ? 1 : chance.between(1, step.startsWith('add') ? 40 : 4)
  if (can.waitForTheStore) return { step, time, within: chance.between(0, starts ? 400 : 4) }
  return { step, time, statement: chance.between(1, 12) }
}

/** What else may go wrong in a life. */
function otherFate(chance: Chance, { lateVerdicts }: Part): Fate {
  if (lateVerdicts) return { late: { first: 3, last: 7, ms: 2 * BEYOND_THE_LEASE } }
  const thrown = chance.random()
  const call = chance.between(1, 2)
  if (thrown < 0.5) return { late: { first: call, last: call, ms: 2 * BEYOND_THE_LEASE } }
  if (thrown < 0.8) return { stall: { claim: chance.between(1, 3), ms: BEYOND_THE_LEASE } }
  return {}
}

/** How far a clock is off that someone has set wrong: seconds, hours or days, either way. */
function jump(chance: Chance, weather: FaultPlan): number {
  const far = chance.pick([20 * SECOND, 2 * MINUTE, 10 * HOUR, 2 * DAY])
  return noted(chance.pick([-1, 1]) * chance.between(far / 2, far), weather)
}

function noted(off: number, { jumps }: FaultPlan): number {
  jumps.furthest = Math.max(jumps.furthest, Math.abs(off))
  return off
}

/** A machine may start with another time than it went down with. */
async function setClockBeforeStart(
  machine: Machine,
  { part, platform, marketo, weather }: Surroundings,
): Promise<void> {
  const { chance } = machine
  // Where limits are met to the last call, a clock that goes forward would bring new ones.
  if (part.tight || !platform.can.moveTheClock) machine.off = 0
  else if (part.clocksSetBack) {
    const wasAhead = machine.wentBy > weather.passed
    machine.off = wasAhead ? 0 : noted(chance.between(DAY, 2 * DAY), weather)
  } else if (machine.off === 0 && chance.happens(part.wrongClocks)) machine.off = jump(chance, weather)
  const goesBy = weather.passed + machine.off
  if (goesBy > machine.wentBy) {
    weather.jumps.forward += 1
    await marketo.idle()
    reign(weather, part)
  } else if (goesBy < machine.wentBy) weather.jumps.back += 1
  machine.wentBy = goesBy
}

/** Resolves after so many milliseconds, and holds nothing up. */
function pause<T>(ms: number, value: T): Promise<T> {
  return sleep(Math.max(0, ms), value, { ref: false })
}
