/** A flood, and senders that hold connections, with visitors among them: short runs of what `npm run test:flood` does. */
import { expect, it } from 'vitest'
import { brokenBy, brokenBySlow } from './checks.ts'
import { runFloods } from './run.ts'
import { holdSlowly } from './slow.ts'

it('visitors in a flood are accepted and delivered, and one discard removes the flood alone', async () => {
  const report = await runFloods({ seconds: 1.5, visitors: 5 })

  expect(brokenBy(report)).toEqual([])
}, 120_000)

it('visitors are answered while slow and pipelining senders hold connections to a relay with little memory', async () => {
  const report = await holdSlowly({ bodies: 400, pipelines: 4 })

  expect(brokenBySlow(report)).toEqual([])
  expect(report.opened).toBeGreaterThan(300)
}, 120_000)
