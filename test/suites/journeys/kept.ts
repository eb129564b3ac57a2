/** An accepted lead arrives in Marketo, also when the relay or Marketo fails in between. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../../support/account-variables.ts'
import { startDemo, type Demo, type Platform } from '../../support/demo.ts'

const SOON = { timeout: 25_000, interval: 50 }

/** Declares the tests of leads that arrive although something fails, on a platform and by a way to Marketo. */
export function keptSuite(platform: Platform, api: Api): void {
  describe(`an accepted lead arrives, on ${platform} by ${api}`, () => {
    let demo: Demo

    afterEach(() => demo?.end())

    const emails = async () => (await demo.people()).map(({ email }) => email)

    it('when the relay is killed during its delivery', async () => {
      demo = await startDemo(platform, api)
      // The first call gets no answer, so the relay is killed during the delivery.
      await demo.fault({ fault: 'timeout', times: 1 })

      const accepted = await demo.send({ Email: 'ana@harbour.example', LastName: 'Ana' })
      await demo.relayProgram().end('SIGKILL')
      await demo.reset()
      await demo.startRelay()

      expect(accepted.status).toBe(202)
      await vi.waitFor(async () => expect(await emails()).toEqual(['ana@harbour.example']), SOON)
    }, 60_000)

    it('when Marketo is down while three leads are sent', async () => {
      demo = await startDemo(platform, api)
      await demo.stopSimulator()

      const answers = []
      for (const name of ['one', 'two', 'three']) {
        answers.push(await demo.send({ Email: `${name}@harbour.example`, LastName: name }))
      }
      await vi.waitFor(async () => expect(await demo.readiness()).toMatchObject({ backlog: 3, breaker: {} }), SOON)
      await demo.startSimulator()

      const expected = ['one@harbour.example', 'two@harbour.example', 'three@harbour.example']
      // In workerd it is unknown whether a failed request was sent, so the first lead waits longer and may arrive last.
      const ordered = (names: (string | null)[]) => (platform === 'node' ? names : new Set(names))
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202])
      await vi.waitFor(async () => expect(ordered(await emails())).toEqual(ordered(expected)), SOON)
    }, 60_000)
  })
}
