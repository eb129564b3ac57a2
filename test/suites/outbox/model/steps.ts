/** Random operations on an outbox. */
import * as fc from 'fast-check'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../../oracle/memory-outbox.ts'
import type { Lead } from '../../../../relay/intake/lead.ts'
import type { BatchKeys } from '../../../../relay/outbox/batch-planner.ts'
import type { LeadEdit } from '../../../../relay/outbox/edit.ts'
import type { Limits } from '../../../../relay/outbox/limits/limits.ts'
import type { CallUse } from '../../../../relay/outbox/limits/shares.ts'
import type { Limit, Outcome } from '../../../../relay/outbox/outbox.ts'
import type { LeadSelector } from '../../../../relay/outbox/selection.ts'
import { BY_FORM } from '../batching.ts'
import { SECOND, T, WIDE_BATCHES } from '../leads.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface Scenario {
  limits: Limits
  batchKeys: BatchKeys
  steps: Step[]
}

interface NewLead {
  id: string
  form: string
  person: string
  /** How long before it was added the lead was accepted. */
  agoMs: number
  network: string | undefined
  /** The fields that may keep the lead out of shared batches or out of the queue. */
  special: Pick<Lead, 'cookie' | 'workspace' | 'hold' | 'rules' | 'marketoForm' | 'receipt' | 'weak'>
  names: string[]
}

/** Outcome of one job of a batch; a skipped one is not settled. */
export interface JobEnd {
  kind: Outcome['kind'] | 'skipped'
  inMs: number
  /** Time until the next attempt, where the outcome says it. */
  waitMs: number
  batch: 'refused' | 'unanswered' | undefined
  rejected: string[]
  limit: Limit
  flag: boolean
}

export type Step =
  | { do: 'add'; leads: NewLead[]; inMs: number }
  | { do: 'claim'; leaseMs: number; max: number }
  | { do: 'acquireSlot'; leaseMs: number; use: CallUse | undefined }
  /** `which` picks one of all batches that ever were, so that there are late and repeated settlements too. */
  | { do: 'settle'; which: number; ends: JobEnd[] }
  /** `which` picks parked and held jobs; one id that need not be either is added. */
  | { do: 'replay'; which: number[]; edit: LeadEdit }
  | { do: 'discard'; selector: LeadSelector; dryRun: boolean }
  | { do: 'erase'; person: string; dryRun: boolean }
  | { do: 'holdForm'; form: string; on: boolean }
  | { do: 'sweep'; agoMs: number; limit: number }
  /** Waits for a time, or until a job is due. */
  | { do: 'wait'; ms: number | 'due' }
  | { do: 'restart' }
  /** Starts, with the clock set back by a time. */
  | { do: 'resume'; backMs: number }

const ms = fc.integer({ min: 0, max: 20 })

/** Longest lease of a scenario, in ms. A lost call of it may hold up leads for as long. */
export const MAX_LEASE_MS = 10 * MINUTE

const lease = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(3 * SECOND, MAX_LEASE_MS) },
)
const agoMs = fc.oneof(fc.constant(0), ms)
const network = fc.constantFrom(undefined, '192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3')
const anyLead: fc.Arbitrary<NewLead> = fc.record({
  id: fc.integer({ min: 0, max: 29 }).map((n) => `lead-${n}`),
  form: fc.constantFrom('contact', 'contact', 'demo', 'alone'),
  person: fc.constantFrom('ann', 'bob', 'cem', 'dan', 'eve'),
  agoMs,
  network,
  special: fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        { cookie: 'c' },
        { cookie: 'd' },
        { workspace: 'w' },
        { hold: 'spam', rules: ['links', 'markup'] },
        { rules: ['links'] },
      ),
    },
    { weight: 2, arbitrary: fc.constantFrom({ cookie: 'c', marketoForm: 7 }, { marketoForm: 7, receipt: 'R' }) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<NewLead['special'][]>(
        { weak: true },
        { weak: true, workspace: 'w' },
        { weak: true, marketoForm: 7 },
      ),
    },
  ),
  names: fc.constantFrom(['A', 'B'], ['a', 'B'], ['B', 'C'], ['A', 'c'], ['C'], []),
})
/** A lead whose content follows from its id, so that it may come again. */
const usualLead: fc.Arbitrary<NewLead> = fc
  .record({ n: fc.integer({ min: 0, max: 29 }), agoMs, network })
  .map(({ n, ...come }) => ({
    ...come,
    id: `lead-${n}`,
    form: n % 4 === 0 ? 'demo' : 'contact',
    person: ['ann', 'bob', 'cem', 'dan', 'eve'][n % 5]!,
    special: n % 3 === 0 ? { cookie: 'c' } : {},
    names: [['A', 'B'], ['a', 'B'], ['C'], []][n % 4]!,
  }))
const newLead = fc.oneof({ weight: 2, arbitrary: usualLead }, { weight: 1, arbitrary: anyLead })
const kind = fc.oneof(
  { weight: 4, arbitrary: fc.constant('delivered' as const) },
  { weight: 6, arbitrary: fc.constantFrom('requeue' as const, 'skipped' as const) },
  { weight: 2, arbitrary: fc.constant('parked' as const) },
  { weight: 3, arbitrary: fc.constantFrom('retry' as const, 'stopped' as const, 'limited' as const) },
  { weight: 4, arbitrary: fc.constant('retry' as const) },
)
const end: fc.Arbitrary<JobEnd> = fc.record({
  kind,
  inMs: ms,
  waitMs: fc.oneof({ weight: 1, arbitrary: ms }, { weight: 1, arbitrary: fc.constantFrom(MINUTE, 4 * MINUTE) }),
  batch: fc.constantFrom(undefined, 'refused' as const, 'unanswered' as const, 'unanswered' as const),
  rejected: fc.constantFrom(['A'], ['b'], ['a', 'D'], ['C'], []),
  limit: fc.constantFrom<Limit[]>('rate', 'rate', 'concurrency', 'concurrency', 'day'),
  flag: fc.boolean(),
})
const edit = fc.constantFrom<LeadEdit[]>(
  {},
  {},
  { drop: ['a'] },
  { rename: { A: 'D' } },
  { rename: { a: 'b' } },
  { rename: { A: 'B', B: 'A' } },
  { drop: ['C'], rename: { B: 'c' } },
)

const use = fc.constantFrom<(CallUse | undefined)[]>(undefined, 'server', 'weak')

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      leads: fc.array(newLead, { minLength: 1, maxLength: 5 }),
      inMs: fc.oneof(fc.constant(0), ms),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('claim' as const), leaseMs: lease, max: fc.constantFrom(0, 1, 2, 3, 9) }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.oneof(fc.constant(0), fc.nat({ max: 2 }), fc.nat()),
      ends: fc.array(end, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('acquireSlot' as const), leaseMs: lease, use }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('replay' as const),
      which: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 8 }),
      edit,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('discard' as const),
      selector: fc.constantFrom<LeadSelector[]>(
        { form: 'demo' },
        { form: 'alone', domain: 'example.com' },
        { state: 'parked' },
        { state: 'held' },
        { state: 'waiting', form: 'contact' },
        { domain: 'example.com', acceptedFrom: T + 10, acceptedUntil: T + 60 },
        { domain: 'example.org' },
        { rule: 'markup' },
        { id: 'lead-3' },
        { state: 'waiting', rule: 'links' },
      ),
      dryRun: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('erase' as const),
      person: fc.constantFrom('ann', 'bob', 'cem'),
      dryRun: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('holdForm' as const),
      form: fc.constantFrom('demo', 'alone'),
      on: fc.boolean(),
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
      ms: fc.oneof(
        ms,
        fc.constant('due' as const),
        fc.constantFrom(SECOND, 20 * SECOND, 4 * MINUTE, 10 * MINUTE, 13 * HOUR),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resume' as const), backMs: fc.constantFrom(0, 0, 10, HOUR, 7 * DAY) }),
  },
)

const limits = fc.oneof(
  fc.record({ leadsPerCall: fc.constantFrom(1, 2, 3, 300) }).map((over) => ({ ...WIDE_BATCHES, ...over })),
  fc.record({
    callsPer20s: fc.integer({ min: 1, max: 12 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    callsPerDay: fc.integer({ min: 1, max: 20 }),
    leadsPerCall: fc.integer({ min: 1, max: 4 }),
    weakShare: fc.constantFrom(1, 20, 100),
    serverShare: fc.constantFrom(0, 10, 50),
    timeout: fc.constant(90_000),
  }),
)

/** Scenarios within wide and within narrow limits. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  limits,
  batchKeys: fc.constantFrom(TEST_BATCH_KEYS, AFTER_LEAD, BY_FORM),
  steps: fc.array(step, { size: 'max', minLength: 40, maxLength: 120 }),
})
