/**
 * The machine that one relay runs on: it starts one relay process after the other, disturbs it and ends it.
 *
 * One case is left out: a clock that is set forward between two relay processes while a call of the first one is still
 * under way at Marketo. Before such a jump the next process is started only when Marketo is idle.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { shuffledCycle, type Chance } from './chance.ts'
import { startPeriod, type FaultLog } from './fault-log.ts'
import type { Part } from './fault-plan.ts'
import { steadyNow } from './journal.ts'
import type { Marketo } from './marketo.ts'
import { BEYOND_LEASE_MS, crashAt, otherFaults } from './pick-faults.ts'
import type { Platform, RelayLimits, RelayProcess } from './relays.ts'
import { isStep, STEPS, type Step } from './steps.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Time that a slow call takes, in ms. Shorter than its timeout. */
const SLOW_CALL_MS = 800

/**
 * Minimum time that a relay serves which came up, also when its part is over meanwhile, in ms. On a busy machine it may take
 * as long as a short part to start.
 */
const MIN_SERVICE_MS = 2 * SECOND

/** Time in which a relay comes to the step that it is to crash at, where nothing else ends it, in ms. */
const STEP_TIMEOUT_MS = 30 * SECOND

const START_TIMEOUT_MS = 60 * SECOND

/** Maximum time that a relay may take to shut down, in ms. It finishes its calls first. */
const SHUTDOWN_TIMEOUT_MS = 60 * SECOND

/** Values that all machines of a part share. */
export interface MachineContext {
  part: Part
  /** Returns the time until the part is over, in ms. */
  timeLeft: () => number
  limits: RelayLimits
  platform: Platform
  marketo: Marketo
  log: FaultLog
}

/** A cause of the end of a relay process: a step that it crashes at, or a signal from outside. */
type Ending = Step | 'killed' | 'killed while starting' | 'shut down'

/** Each step once, and the other endings in their proportion. */
const ENDINGS: readonly Ending[] = [
  ...(Object.keys(STEPS) as Step[]),
  ...Array.from({ length: 5 }, () => 'killed' as const),
  'killed while starting',
  'shut down',
]

const ENDINGS_FROM_OUTSIDE = ['killed', 'killed', 'killed while starting', 'shut down'] as const

/** A machine, whose clock goes on when its relay ends. */
export interface Machine {
  relay: number
  chance: Chance
  /** Present error of the machine's clock, in ms. */
  error: number
  /** Error of the clock that the last relay process started with, including the steps between parts. */
  lastError: number
  nextEnding: () => Ending
}

export function createMachine(relay: number, chance: Chance): Machine {
  return { relay, chance, error: 0, lastError: 0, nextEnding: shuffledCycle(ENDINGS, chance) }
}

/** Runs one relay process after the other, until the part is over. */
export async function runRelays(machine: Machine, context: MachineContext): Promise<void> {
  while (context.timeLeft() > 0) {
    await setClockBeforeStart(machine, context)
    await runRelay(machine, context)
    await sleep(machine.chance.between(0, 100))
  }
}

/** Runs one relay process from its start to its end. */
async function runRelay(machine: Machine, context: MachineContext): Promise<void> {
  const { relay, chance } = machine
  const { part, platform, limits, timeLeft, log } = context
  const ending = pickEnding(machine, context)
  const step = isStep(ending) ? ending : undefined
  const faults = step ? { crash: crashAt(step, chance, platform) } : otherFaults(chance, part)
  const skipped = platform.can.setClock ? log.skipped : 0
  const clock = { atStart: skipped + machine.error, afterwards: machine.error }
  const process = platform.start(relay, { faults, clock, limits })
  log.relayStarts += 1
  const over = process.ended.then(() => true)
  // A rejection is handled where `over` is awaited.
  over.catch(() => {})
  let servesUntil = 0
  const servesOn = () => Math.max(timeLeft(), servesUntil - steadyNow())
  const endsWithin = (ms: number) => Promise.race([over, pause(Math.min(ms, servesOn()), false)])

  if (ending === 'killed while starting') await endsWithin(platform.startupFactor * chance.between(0, 600))
  else {
    const served = await Promise.race([process.ready, pause(START_TIMEOUT_MS, undefined)])
    if (served === undefined) throw new Error(`a relay did not start within ${START_TIMEOUT_MS / SECOND} s`)
    const from = steadyNow()
    if (served) servesUntil = from + MIN_SERVICE_MS
    if (faults.stall) void slowDownDuringStall(process, context.marketo, over)
    if (served && !part.crashes) await disturb(process, machine, endsWithin, context)
    // Time in which the injected fault happens.
    if (faults.crash || faults.late || faults.stall) {
      await endsWithin(part.crashes ? STEP_TIMEOUT_MS : BEYOND_LEASE_MS + SECOND)
    }
    if (timeLeft() <= 0) await endsWithin(servesUntil - steadyNow())
    log.served += steadyNow() - from
  }
  const isShutDown = ending === 'shut down' || part.crashes !== undefined
  if (isShutDown) process.shutDown()
  else process.kill()
  const ended = await Promise.race([process.ended.then((at) => ({ at })), pause(SHUTDOWN_TIMEOUT_MS, undefined)])
  if (!ended) throw new Error(`a relay did not shut down within ${SHUTDOWN_TIMEOUT_MS / SECOND} s`)
  const how = ended.at ?? (isShutDown ? 'shut down' : step ? 'killed' : ending)
  log.endings.set(how, (log.endings.get(how) ?? 0) + 1)
  for (const fault of process.happened()) log[fault === 'late-verdict' ? 'lateVerdicts' : 'stalls'] += 1
}

function pickEnding({ chance, nextEnding }: Machine, { part, platform }: MachineContext): Ending {
  if (!platform.can.crashAtSteps) return chance.pick(ENDINGS_FROM_OUTSIDE)
  if (part.crashes) return chance.pick(part.crashes)
  return part.lateVerdicts ? 'killed' : nextEnding()
}

/** Makes Marketo slow while the relay blocks after a claim, so that a call that it sends too late meets another one. */
async function slowDownDuringStall(process: RelayProcess, marketo: Marketo, over: Promise<boolean>): Promise<void> {
  while (!process.happened().includes('stall')) {
    if (await Promise.race([over.catch(() => true), pause(100, false)])) return
  }
  await marketo.slowDown(SLOW_CALL_MS)
}

/** Lets the relay serve for some seconds, in which its clock may be set and its process may be stopped for a while. */
async function disturb(
  process: RelayProcess,
  machine: Machine,
  endsWithin: (ms: number) => Promise<boolean>,
  { part: { tight }, platform: { can, startupFactor }, log }: MachineContext,
): Promise<void> {
  const { chance } = machine
  const setClock = (error: number) => {
    log.clock.whileRunning += 1
    machine.error = error
    process.setClock(error)
  }
  for (let left = chance.between(1, 3); left > 0; left -= 1) {
    if (await endsWithin(startupFactor * chance.between(200, 1_000))) return
    // A wrong clock is put right.
    if (machine.error !== 0) setClock(0)
    else if (can.setClock && chance.happens(0.3)) {
      setClock(pickClockError(chance, log))
      if (await endsWithin(chance.between(100, 800))) return
      if (tight || chance.happens(0.92)) setClock(0)
    } else if (chance.happens(0.1)) {
      log.freezes += 1
      await process.freeze(chance.between(300, BEYOND_LEASE_MS + 500))
    }
  }
}

/** Picks the error of a clock in ms: seconds, hours or days, forward or back. */
function pickClockError(chance: Chance, log: FaultLog): number {
  const max = chance.pick([20 * SECOND, 2 * MINUTE, 10 * HOUR, 2 * DAY])
  return logClockError(chance.pick([-1, 1]) * chance.between(max / 2, max), log)
}

function logClockError(error: number, { clock }: FaultLog): number {
  clock.largestError = Math.max(clock.largestError, Math.abs(error))
  return error
}

/** Sets the clock that the next relay process starts with, which may differ from the one that the last one ended with. */
async function setClockBeforeStart(machine: Machine, { part, platform, marketo, log }: MachineContext): Promise<void> {
  const { chance } = machine
  if (!platform.can.setClock) return
  // Under tight limits a clock that is set forward would allow more calls than Marketo does.
  if (part.tight) machine.error = 0
  else if (part.clocksSetBack) {
    const wasAhead = machine.lastError > log.skipped
    machine.error = wasAhead ? 0 : logClockError(chance.between(DAY, 2 * DAY), log)
  } else if (machine.error === 0 && chance.happens(part.wrongClocks)) machine.error = pickClockError(chance, log)
  const error = log.skipped + machine.error
  if (error > machine.lastError) {
    log.clock.forward += 1
    await marketo.idle()
    startPeriod(log, part)
  } else if (error < machine.lastError) log.clock.back += 1
  machine.lastError = error
}

/** Resolves with the value after that time in ms, and does not keep the process running. */
function pause<T>(ms: number, value: T): Promise<T> {
  return sleep(Math.max(0, ms), value, { ref: false })
}
