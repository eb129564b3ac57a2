/** Moves between accounts on Cloudflare: the built Worker in workerd, whose objects load the module of the moves. */
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { buildWorker } from '../../../../demo/build-worker.ts'
import { serveEdge } from '../../../../demo/edge.ts'
import { makeFolder } from '../../../support/folder.ts'
import { askState } from '../../../support/operator.ts'
import { startTwoMarketos } from './two-marketos.ts'

const ORIGIN = 'https://www.acme.example'
const TOKEN = 'a-token-of-twenty-characters'
const SOON = { interval: 50, timeout: 20_000 }

/** Starts a relay in workerd with one form, of this account. */
async function startRelay(script: string, data: string, variables: Record<string, string>, account: object) {
  const fields = { Email: { type: 'email', required: true } }
  const forms = { contact: { origins: [ORIGIN], fields, ...account } }
  const env = { ...variables, FORM_SYNC_CONSOLE_TOKEN: TOKEN, FORM_SYNC_FORMS: JSON.stringify({ forms }) }
  const relay = await serveEdge({ env, data, port: 0, script })
  const close = vi.fn<() => Promise<void>>().mockImplementationOnce(relay.close)
  onTestFinished(() => close())
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', origin: ORIGIN }
  return {
    close,
    ready: async () => (await askState(relay.url, TOKEN)).json(),
    post: async (path: string, body: object) =>
      (await fetch(`${relay.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json(),
  }
}

it('a parked lead goes to the account that its form has today when it is replayed', async () => {
  const { first, sandbox, variables } = await startTwoMarketos()
  const [folder, data] = [makeFolder(), makeFolder()]
  const script = await buildWorker(join(folder, 'script'))
  await sandbox.fault({ operation: 'syncLeads', fault: '1007', times: 1 })

  const before = await startRelay(script, data, variables, { account: 'sandbox' })
  await before.post('/f/contact', { fields: { Email: 'ana@acme.example' } })
  await vi.waitFor(async () => expect(await before.ready()).toMatchObject({ parked: 1 }), SOON)
  await before.close()
  const relay = await startRelay(script, data, variables, {})
  const replayed = await relay.post('/v1/replay', { all: true })
  await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ parked: 0, delivered: 1 }), SOON)

  expect(replayed).toMatchObject({ replayed: 1, results: [{ result: 'replayed' }] })
  expect(await first.emails()).toEqual(['ana@acme.example'])
  expect(await sandbox.emails()).toEqual([])
}, 120_000)
