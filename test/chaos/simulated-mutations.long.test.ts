/** Each rule that keeps one lead from harming others, in a run of the relay as it is and of one in which it is broken. */
import { describe, expect, it } from 'vitest'
import { SIMULATED_MUTATIONS, type Mutation } from './mutations.ts'
import { badLeadFirst, broken, brokenRules, HOUR, leads, MINUTE, ROOT, run, SECOND } from './simulated-plans.ts'
import type { SimulatedPlan } from './simulated-run.ts'
import type { Evidence } from './verdicts/evidence.ts'

/** Time limit of a test with two runs and a copy of the relay, in ms, on a busy machine. */
const timeout = 60_000

const COOKIE = 'id:123-ABC-456&token:_mch-chaos.example-1764000000000-54321'

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
})
