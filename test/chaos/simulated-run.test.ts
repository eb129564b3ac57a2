/** The rules that keep one lead from harming others, in a run of the relay as it is; and a run that shows nothing. */
import { describe, expect, it } from 'vitest'
import type { Mutation } from './mutations.ts'
import { badLeadFirst, broken, brokenRules, ROOT, run } from './simulated-plans.ts'
import { replaceBody } from './symbols.ts'

/** A relay that makes no call. */
const IDLE: Mutation = {
  name: 'it never starts a call',
  changes: [{ file: 'relay/delivery/dispatcher.ts', symbol: 'createDispatcher.start', change: replaceBody('{}') }],
}

describe('a run in simulated time', () => {
  it('is refused as one that shows nothing, where no lead was delivered or parked', { timeout: 60_000 }, async () => {
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
