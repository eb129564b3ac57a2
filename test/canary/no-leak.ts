/** The tests of one platform: no canary and no key is anywhere in what the relay writes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import { startDemo, type Demo, type Platform } from '../support/demo.ts'
import { OPERATOR } from '../support/operator.ts'
import { canary, findLeaks } from './canaries.ts'
import { API_KEY, BOUNDS, runScenario, type Collected } from './scenario.ts'

/** Secrets that the relay has, or that would let somebody act as it. */
export const SECRETS = [DEMO_ACCOUNT.clientSecret, DEMO_ACCOUNT.secretKey, API_KEY, OPERATOR.FORM_SYNC_CONSOLE_TOKEN]

/** Defines the tests. */
export function noLeakOn(platform: Platform): void {
  describe(`no value of a lead and no key on ${platform}`, () => {
    let demo: Demo
    let collected: Collected

    beforeAll(async () => {
      demo = await startDemo(platform, 'rest', {
        FORM_SYNC_API_KEYS: API_KEY,
        FORM_SYNC_TRUSTED_PROXIES: '1',
        ...BOUNDS,
      })
      collected = await runScenario(demo, platform)
    }, 120_000)
    afterAll(() => demo?.end())

    it('is in the log, in a reply, or in what a command prints', () => {
      const leaks = findLeaks(collected.outputs, SECRETS)

      expect(leaks).toEqual([])
    })

    it('could have been missed: the operator who asks for values sees them', () => {
      const shown = findLeaks([{ where: 'parked --values', text: collected.shown }], SECRETS)

      expect(shown).toEqual(expect.arrayContaining([`parked --values: ${canary('last')} (plain)`]))
    })

    it('could have been missed: each event of the paths is in the log', () => {
      const log = collected.outputs.filter(({ where }) => where.startsWith('the log')).map(({ text }) => text)
      const events = new Set(Array.from(log.join('\n').matchAll(/"event":"([a-z-]+)"/g), ([, event]) => event))

      expect([...events]).toEqual(
        expect.arrayContaining(['accepted', 'refused', 'delivered', 'retry', 'parked', 'called', 'blocked', 'alert']),
      )
    })
  })
}
