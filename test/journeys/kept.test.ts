/** An accepted lead arrives in Marketo, also when the relay or Marketo fails in between. `kept.long.test.ts` has the other platforms. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { keptSuite } from '../suites/journeys/kept.ts'
import { startDemo } from '../support/demo.ts'

const SOON = { timeout: 25_000, interval: 50 }

keptSuite('node', 'rest')

it('a relay that gets SIGTERM finishes the delivery in flight before it ends', async () => {
  const demo = await startDemo('node')
  onTestFinished(() => demo.end())
  await demo.fault({ fault: 'slow', ms: 1_000, times: 1 })
  await demo.send({ Email: 'ana@harbour.example', LastName: 'Ana' })
  await vi.waitFor(async () => expect(await demo.limits()).toMatchObject({ used: { now: 1 } }), SOON)

  const code = await demo.relayProgram().end('SIGTERM')

  expect(code).toBe(0)
  expect((await demo.people()).map(({ email, known }) => [email, known])).toEqual([['ana@harbour.example', true]])
  expect(demo.relayProgram().printed()).toMatch(/"event":"delivered".*\n.*"event":"stopped"/)
}, 60_000)
