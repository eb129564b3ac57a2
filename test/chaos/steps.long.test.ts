import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveSimulator, type RunningSimulator } from '../../demo/simulator/serve.ts'
import { makeFolder } from '../support/folder.ts'
import { nodeRelays } from './node-relays.ts'
import { ORIGIN } from './plan.ts'
import { COOKIE_STEPS, STEPS, type Step } from './steps.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-chaos.example-1764000000000-54321'
const LIMITS = { callsPer20s: 100, concurrency: 10, perDay: 1_000, leadsPerCall: 300 }

describe('a relay that is made to crash at a step', () => {
  let marketo: RunningSimulator
  beforeAll(async () => void (marketo = await serveSimulator({ port: 0 })))
  afterAll(() => marketo.close())

  const steps = Object.entries({ ...STEPS, ...COOKIE_STEPS }) as [Step, string][]
  it.each(steps)('crashes at %s: %s', { timeout: 60_000 }, async (step) => {
    const api = step in COOKIE_STEPS ? 'rest' : 'soap'
    const platform = await nodeRelays({ folder: makeFolder(), marketo: marketo.url, api })
    const faults = { crash: { step, nth: 1, statement: 1 } }

    const relay = platform.start(0, { faults, clock: { atStart: 0, afterwards: 0 }, limits: LIMITS })
    if (await relay.ready) {
      const body = new URLSearchParams({ Email: 'ana@chaos.example', first: 'Ana', _visitor: COOKIE })
      // It rejects where the relay crashes before it answers.
      await fetch(`${platform.urls[0]}/f/contact`, { method: 'POST', headers: { origin: ORIGIN }, body }).catch(
        () => {},
      )
    }

    expect(await relay.ended).toBe(step)
  })
})
