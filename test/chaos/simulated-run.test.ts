/** Each rule that keeps one lead from harming others, in a run of the relay as it is and of one in which it is broken. */
import { cpSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder } from '../support/folder.ts'
import { BAD_LEAD_FAULTS } from './bad-leads.ts'
import { mutate } from './mutate.ts'
import { SIMULATED_MUTATIONS, type Mutation } from './mutations.ts'
import { simulate, type PlannedLead, type SimulatedPlan } from './simulated-run.ts'
import { replaceBody } from './symbols.ts'
import type { Evidence } from './verdicts/evidence.ts'
import { runChecks } from './verdicts/index.ts'

/** Time limit of a test with two runs and a copy of the relay, in ms, on a busy machine. */
const timeout = 60_000

const ROOT = join(import.meta.dirname, '../..')

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const COOKIE = 'id:123-ABC-456&token:_mch-chaos.example-1764000000000-54321'

/** Returns leads of people of their own, all at one time. */
function leads(count: number, at = 0): PlannedLead[] {
  return Array.from({ length: count }, (_, number) => {
    const name = `p${at}-${number}`
    return { at, id: name, email: `${name}@chaos.example`, attributes: { LastName: name } }
  })
}

/** The bad lead comes first, and others come with it and later, while it is refused for three minutes. */
function badLeadFirst(text: string): SimulatedPlan {
  const bad = { at: 0, id: 'bad', email: 'bad@chaos.example', attributes: { Company: `bad ../../etc/${text}` } }
  return {
    leads: [bad, ...leads(5), ...leads(5, MINUTE)],
    faults: BAD_LEAD_FAULTS,
    faultsEndAt: 3 * MINUTE,
    until: HOUR,
  }
}

/** Every connection breaks for a quarter of an hour. */
const OUTAGE: SimulatedPlan = {
  leads: leads(5),
  faults: [{ fault: 'reset', rate: 1 }],
  faultsEndAt: 15 * MINUTE,
  until: HOUR,
}

/** No call gets an answer for two minutes, and 600 leads wait. */
const SILENCE: SimulatedPlan = {
  leads: leads(600),
  faults: [{ fault: 'timeout', rate: 1 }],
  faultsEndAt: 2 * MINUTE,
  silentUntil: 2 * MINUTE,
  until: HOUR,
}

/** A mistyped address is refused for half a minute, and corrected meanwhile. */
const CORRECTED: SimulatedPlan = {
  leads: [
    { at: 0, id: 'a', email: 'ana@chaos.exmaple', attributes: { LastName: 'mistyped' }, cookie: COOKIE },
    { at: 8 * SECOND, id: 'b', email: 'ana@chaos.example', attributes: { LastName: 'corrected' }, cookie: COOKIE },
  ],
  faults: [{ fault: 'failed', text: 'chaos.exmaple', rate: 1 }],
  faultsEndAt: 10 * SECOND,
  until: HOUR,
}

/** Three contents come with one id, and all of them once more. */
const REUSED_ID: SimulatedPlan = {
  leads: ['first', 'second', 'third'].flatMap((name, minutes) => {
    const attributes = { LastName: name }
    const one = { id: '0a0a0a0a-0a0a-4a0a-8a0a-000000000001', email: `${name}@chaos.example`, attributes }
    return [
      { ...one, at: minutes * MINUTE },
      { ...one, at: (minutes + 3) * MINUTE },
    ]
  }),
  faults: [],
  faultsEndAt: 0,
  until: HOUR,
}

/** A relay that makes no call. */
const IDLE: Mutation = {
  name: 'it never starts a call',
  changes: [{ file: 'relay/delivery/dispatcher.ts', symbol: 'createDispatcher.start', change: replaceBody('{}') }],
}

/** Returns the folder of a copy of the relay in which the mutation is made. */
function broken(mutation: Mutation): string {
  const copy = makeFolder()
  cpSync(join(ROOT, 'relay'), join(copy, 'relay'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  for (const [file, source] of mutate(ROOT, mutation)) writeFileSync(join(copy, file), source)
  return copy
}

function run(root: string, plan: SimulatedPlan): Promise<Evidence> {
  return simulate(root, makeFolder(), plan)
}

/** Returns the rules that are broken. */
function brokenRules(evidence: Evidence): string[] {
  return runChecks(evidence)
    .filter(({ violations }) => violations.length > 0)
    .map(({ rule }) => rule)
}

describe('a run in simulated time', () => {
  const contents = 'Every acknowledged content was written at Marketo, or is kept'
  it.each<[string, Mutation, SimulatedPlan, string]>([
    [
      'a good lead waits for a bad one, where no other lead is probed',
      SIMULATED_MUTATIONS.sameProbe,
      badLeadFirst('10001'),
      'No good lead waits while a bad one is refused more than 20 times',
    ],
    [
      'a lead is parked for an outage, where a silent probe counts as passed',
      SIMULATED_MUTATIONS.silentProbe,
      OUTAGE,
      'No lead was parked for a failure that every call met',
    ],
    [
      'a cookie goes to a mistyped address, where leads are in order by address alone',
      SIMULATED_MUTATIONS.orderByAddress,
      CORRECTED,
      'The cookie of each visitor is with the person of the newest answer',
    ],
    [
      'an acknowledged content is dropped, where a known id counts with any content',
      SIMULATED_MUTATIONS.knownId,
      REUSED_ID,
      contents,
    ],
  ])('finds that %s', { timeout }, async (_, mutation, plan, rule) => {
    expect(brokenRules(await run(ROOT, plan))).toEqual([])

    expect(brokenRules(await run(broken(mutation), plan))).toContain(rule)
  })

  it('finds that calls stay small after a silence, where the batch size never grows back', { timeout }, async () => {
    // Two calls of 300 carry 600 leads; the size grows from 1 to 300 in five, and as many may be probes.
    const enough = 2 + 5 + 5
    const callsAfter = ({ calls }: Evidence) => calls.filter(({ ok }) => ok).length

    expect(callsAfter(await run(ROOT, SILENCE))).toBeLessThanOrEqual(enough)

    expect(callsAfter(await run(broken(SIMULATED_MUTATIONS.smallBatches), SILENCE))).toBeGreaterThan(enough)
  })

  it('is refused as one that shows nothing, where no lead was delivered or parked', { timeout }, async () => {
    await expect(run(broken(IDLE), badLeadFirst('10001'))).rejects.toThrow(
      'the run shows nothing, because no lead was delivered or parked: 0 calls were made, and 11 leads are stored',
    )
  })

  it.each(['401', '403', '404', '302', '503', 'reset', '10001'])(
    'finds no rule broken where a lead is refused for minutes with %s',
    async (text) => {
      const evidence = await run(ROOT, badLeadFirst(text))

      expect(brokenRules(evidence)).toEqual([])
      expect(evidence.calls.filter(({ ok }) => !ok).length).toBeGreaterThan(0)
    },
  )
})
