/** What may happen to an outbox, in random order. */
import * as fc from 'fast-check'
import type { Lead } from '../../../../relay/intake/lead.ts'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { LeadEdit } from '../../../../relay/outbox/edit.ts'
import type { Outcome } from '../../../../relay/outbox/outbox.ts'
import { ROOMY, SECOND, T } from '../leads.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface Life {
  limits: Limits
  steps: Step[]
}

interface NewLead {
  id: string
  person: string
  acceptedAt: number
  needs: Pick<Lead, 'cookie' | 'workspace'>
  names: string[]
}

/** What a job of a call comes to; nothing is said of one that is skipped. */
export interface End {
  kind: Outcome['kind'] | 'skipped'
  inMs: number
  share: number | null
  refused: string[]
  limit: 'rate' | 'concurrency' | 'day'
  flag: boolean
}

export type Step =
  | { do: 'add'; leads: NewLead[]; inMs: number }
  | { do: 'claim'; leaseMs: number; most: number }
  | { do: 'permit'; leaseMs: number }
  /** `which` picks among all calls that ever were, so that late and repeated settlements come too. */
  | { do: 'settle'; which: number; ends: End[] }
  /** `which` picks among those that are parked, and names one that need not be. */
  | { do: 'replay'; which: number[]; mending: LeadEdit }
  | { do: 'sweep'; agoMs: number; limit: number }
  /** For so long, or until something is due. */
  | { do: 'wait'; ms: number | 'due' }
  | { do: 'restart' }
  /** A start, with the clock set back, or not. */
  | { do: 'resume'; backMs: number }

const ms = fc.integer({ min: 0, max: 20 })
const lease = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(3 * SECOND, 10 * MINUTE) },
)
const newLead: fc.Arbitrary<NewLead> = fc.record({
  id: fc.integer({ min: 0, max: 29 }).map((n) => `lead-${n}`),
  person: fc.constantFrom('ann', 'bob', 'cem'),
  acceptedAt: ms.map((n) => T - n),
  needs: fc.constantFrom<NewLead['needs']>({}, {}, {}, {}, { cookie: 'c' }, { cookie: 'd' }, { workspace: 'w' }),
  names: fc.constantFrom(['A', 'B'], ['A', 'B'], ['B', 'C'], ['A', 'C'], ['C'], []),
})
const kind = fc.constantFrom<End['kind']>(
  ...(['delivered', 'delivered', 'delivered', 'delivered', 'again', 'again', 'again', 'parked', 'parked'] as const),
  ...(['retry', 'halted', 'limited', 'skipped', 'skipped', 'skipped'] as const),
)
const end: fc.Arbitrary<End> = fc.record({
  kind,
  inMs: ms,
  share: fc.constantFrom(null, 1, 2, 3),
  refused: fc.constantFrom(['A'], ['B'], ['A', 'D'], ['C'], []),
  limit: fc.constantFrom<End['limit']>('rate', 'rate', 'concurrency', 'concurrency', 'day'),
  flag: fc.boolean(),
})
const mending = fc.constantFrom<LeadEdit>(
  {},
  {},
  { drop: ['A'] },
  { rename: { A: 'D' } },
  { rename: { A: 'B' } },
  { rename: { A: 'B', B: 'A' } },
  { drop: ['C'], rename: { B: 'C' } },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      leads: fc.array(newLead, { minLength: 1, maxLength: 5 }),
      inMs: ms,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('claim' as const), leaseMs: lease, most: fc.constantFrom(0, 1, 2, 3, 9) }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.oneof(fc.constant(0), fc.nat({ max: 2 }), fc.nat()),
      ends: fc.array(end, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('permit' as const), leaseMs: lease }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('replay' as const),
      which: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 8 }),
      mending,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      agoMs: fc.integer({ min: -20, max: 20 }),
      limit: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(ms, fc.constant('due' as const), fc.constantFrom(SECOND, 20 * SECOND, 10 * MINUTE, 13 * HOUR)),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resume' as const), backMs: fc.constantFrom(0, 0, 10, HOUR, 7 * DAY) }),
  },
)

const limits = fc.oneof(
  fc.record({ leadsPerCall: fc.constantFrom(1, 2, 3, 300) }).map((over) => ({ ...ROOMY, ...over })),
  fc.record({
    callsPer20s: fc.integer({ min: 1, max: 12 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    callsPerDay: fc.integer({ min: 1, max: 20 }),
    leadsPerCall: fc.integer({ min: 1, max: 4 }),
    timeout: fc.constant(90_000),
  }),
)

/** Lives within wide limits and within narrow ones. */
export const lives: fc.Arbitrary<Life> = fc.record({
  limits,
  steps: fc.array(step, { size: 'max', minLength: 40, maxLength: 120 }),
})
