/** Operators on Cloudflare: the built Worker in workerd, which loads their routes and tokens with the first of them. */
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { buildWorker } from '../../../../demo/build-worker.ts'
import { serveEdge } from '../../../../demo/edge.ts'
import type { ActPage } from '../../../../relay/admin/audit-log.ts'
import { makeFolder } from '../../../support/folder.ts'
import { FORMS } from '../../../support/relay.ts'
import { SILENT_MARKETO } from '../../../support/serve-command.ts'

const TOKENS = { look: 'token-of-ana-who-may-look', act: 'token-of-bo-who-may-act-x' }
const OPERATORS = [
  { name: 'ana', role: 'look', token: TOKENS.look },
  { name: 'bo', role: 'act', token: TOKENS.act },
  { name: 'cy', role: 'admin', token: 'token-of-cy-with-no-role-x' },
]

it('the built Worker knows its operators by their tokens and roles, and records each act', async () => {
  const script = await buildWorker(join(makeFolder(), 'script'))
  const env = {
    ...SILENT_MARKETO,
    FORM_SYNC_FORMS: JSON.stringify(FORMS),
    FORM_SYNC_OPERATORS: JSON.stringify(OPERATORS),
  }
  const relay = await serveEdge({ env, data: makeFolder(), port: 0, script })
  onTestFinished(() => relay.close())
  const ask = (token: string, path: string, body?: object) =>
    fetch(relay.url + path, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })

  const first = await ask('no-token-of-anybody', '/readyz')
  const statuses = [
    await ask(TOKENS.look, '/v1/parked'),
    await ask(TOKENS.look, '/v1/parked?values=1'),
    await ask(TOKENS.look, '/v1/hold', { form: 'contact', reason: 'a flood' }),
    await ask(TOKENS.act, '/v1/hold', { form: 'contact', reason: 'a flood' }),
    await ask(TOKENS.act, '/v1/replay', { all: true }),
    await ask(TOKENS.act, '/v1/retry', {}),
    await ask(OPERATORS[2]!.token, '/v1/parked'),
  ].map(({ status }) => status)
  const { acts } = (await (await ask(TOKENS.look, '/v1/audit')).json()) as ActPage

  expect(first.status).toBe(401)
  expect(statuses).toEqual([200, 403, 403, 200, 200, 200, 401])
  expect(acts.map(({ by, kind }) => `${by} ${kind}`)).toEqual(['bo retry', 'bo replay', 'bo hold'])
}, 60_000)
