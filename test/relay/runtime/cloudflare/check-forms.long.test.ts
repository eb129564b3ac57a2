/** The check of the forms on Cloudflare: the built Worker in workerd, whose cron trigger loads the module of the check. */
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { buildWorker } from '../../../../demo/build-worker.ts'
import { serveEdge } from '../../../../demo/edge.ts'
import { makeFolder } from '../../../support/folder.ts'
import { askState, OPERATOR } from '../../../support/operator.ts'
import { startTwoMarketos } from './two-marketos.ts'

const FIELDS = { Email: { type: 'email', required: true }, first: { attribute: 'FirstName' } }
const WRONG = { ...FIELDS, hat: { attribute: 'Hat__c' } }

/** Starts a relay in workerd with an account without a name and the account `sandbox`. */
async function startRelay(script: string, data: string, variables: Record<string, string>, fields: object) {
  const form = { origins: ['https://www.acme.example'], fields: FIELDS }
  const forms = { contact: form, trial: { ...form, fields, account: 'sandbox' } }
  const relay = await serveEdge({
    env: { ...variables, ...OPERATOR, FORM_SYNC_FORMS: JSON.stringify({ forms }) },
    data,
    port: 0,
    script,
  })
  const close = vi.fn<() => Promise<void>>().mockImplementationOnce(relay.close)
  onTestFinished(() => close())
  return {
    close,
    /** Fires the cron trigger, and resolves when its work is done. */
    fireCron: async () => expect((await fetch(`${relay.url}/cdn-cgi/handler/scheduled`)).status).toBe(200),
    ready: async () => (await askState(relay.url)).json(),
  }
}

it('the cron trigger checks the forms of each account once an hour, and after a deployment with other forms', async () => {
  const { first, sandbox, variables } = await startTwoMarketos()
  const [folder, data] = [makeFolder(), makeFolder()]
  const script = await buildWorker(join(folder, 'script'))
  const describes = async () =>
    Promise.all(
      [first, sandbox].map(
        async ({ calls }) => (await calls()).filter(({ operation }) => operation === 'describeLead').length,
      ),
    )

  const wrong = await startRelay(script, data, variables, WRONG)
  const before = await wrong.ready()
  await wrong.fireCron()
  const found = await wrong.ready()
  await wrong.fireCron()
  const calls = await describes()
  await wrong.close()
  const again = await startRelay(script, data, variables, WRONG)
  const kept = await again.ready()
  await again.fireCron()
  const callsOfRestart = await describes()
  await again.close()
  const right = await startRelay(script, data, variables, FIELDS)
  await right.fireCron()
  const mended = await right.ready()

  const configuration = { checkedAt: expect.any(String) as string, errors: 0, warnings: 0, notChecked: [] }
  const drift = { kind: 'drift', account: 'sandbox', count: 1, reason: expect.stringContaining('"Hat__c"') as string }
  expect(JSON.stringify(before)).not.toContain('configuration')
  expect(found).toMatchObject({
    state: 'drift',
    issues: [drift],
    accounts: [
      { account: 'default', issues: [], configuration },
      { account: 'sandbox', issues: [drift], configuration: { ...configuration, errors: 1 } },
    ],
    // The calls count in the limits: one for each account, and none without a slot.
  })
  expect(found).toMatchObject({ accounts: [{ calls: { today: 1 } }, { calls: { today: 1 } }] })
  expect(calls).toEqual([1, 1])
  expect(kept).toMatchObject({ issues: [drift] })
  expect(callsOfRestart).toEqual([1, 1])
  expect(mended).toMatchObject({
    state: 'ok',
    issues: [],
    accounts: [{ configuration }, { configuration }],
  })
  expect(await describes()).toEqual([2, 2])
}, 120_000)
