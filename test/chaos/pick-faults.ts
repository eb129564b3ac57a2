/** Picks the faults that are injected into one relay process. */
import type { Chance } from './chance.ts'
import type { Part } from './fault-plan.ts'
import type { Platform } from './relays.ts'
import type { InjectedFaults, Step } from './steps.ts'

/** A time that is longer than the lease of a call in a run, in ms. */
export const BEYOND_LEASE_MS = 2_600

/** Picks a crash at the step. The relay usually comes to it within a second or two. */
export function crashAt(step: Step, chance: Chance, { can }: Platform): NonNullable<InjectedFaults['crash']> {
  const isStart = step.startsWith('start')
  const nth = isStart || step.startsWith('associate') ? 1 : chance.between(1, step.startsWith('add') ? 40 : 4)
  if (can.remoteStore) return { step, nth, within: chance.between(0, isStart ? 400 : 4) }
  return { step, nth, statement: chance.between(1, 12) }
}

/** Picks a late verdict, a stall or nothing. In a part with late verdicts five of them come late. */
export function otherFaults(chance: Chance, { lateVerdicts }: Part): InjectedFaults {
  if (lateVerdicts) return { late: { first: 3, last: 7, ms: 2 * BEYOND_LEASE_MS } }
  const number = chance.random()
  const call = chance.between(1, 2)
  if (number < 0.5) return { late: { first: call, last: call, ms: 2 * BEYOND_LEASE_MS } }
  if (number < 0.8) return { stall: { claim: chance.between(1, 3), ms: BEYOND_LEASE_MS } }
  return {}
}
