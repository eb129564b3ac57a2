/** The rules of posts in the Worker, which loads the code of the guards and the list of providers with the first post. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import worker from '../../relay/runtime/cloudflare/worker.ts'
import { OPERATOR } from '../support/operator.ts'
import { ACME, FORMS } from '../support/relay.ts'
import type { LeadOutbox } from './worker.ts'

/** Only the Worker has a Marketo account. The object stores leads and delivers none. */
const VARIABLES = {
  OUTBOX: env.OUTBOX,
  FORM_SYNC_FORMS: { ...FORMS, rules: { links: 'hold', disposable: 'hold', honeypot: 'drop' } },
  MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
  ...OPERATOR,
}

function ask(path: string, init: RequestInit<IncomingRequestCfProperties>): Promise<Response> {
  const url = `https://relay.example${path}`
  return Promise.resolve(worker.fetch(new Request<unknown, IncomingRequestCfProperties>(url, init), VARIABLES))
}

function post(fields: Record<string, string>): Promise<Response> {
  const headers = { origin: ACME, accept: 'application/json' }
  return ask('/f/contact', { method: 'POST', headers, body: new URLSearchParams(fields) })
}

it('the Worker holds and drops by the rules of the forms, and tells operators what they found', async () => {
  const answers = [
    await post({ Email: 'a@acme.example', first: 'https://spam.example' }),
    await post({ Email: 'b@mailinator.com' }),
    await post({ Email: 'c@acme.example', _gotcha: 'x' }),
    await post({ Email: 'd@acme.example', _gotcha: 'x' }),
    await post({ Email: 'e@acme.example' }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
  const object = env.OUTBOX.get(env.OUTBOX.idFromName('outbox'))
  const rows = await runInDurableObject(object, (_: LeadOutbox, { storage }) => [
    ...storage.sql.exec<{ rules: string; reason: string }>('SELECT rules, reason FROM job ORDER BY seq'),
  ])
  expect(rows).toEqual([
    { rules: 'links', reason: 'links: a link in FirstName' },
    { rules: 'disposable', reason: 'disposable: the address is of a provider of disposable addresses' },
    { rules: 'honeypot', reason: 'sample of what the rule honeypot drops' },
    { rules: null, reason: null },
  ])
  const counted = await runInDurableObject(object, (_: LeadOutbox, { storage }) =>
    storage.sql.exec('SELECT form, refused_total FROM counter').toArray(),
  )
  expect(counted).toEqual([{ form: 'contact', refused_total: 1 }])
  const authorization = `Bearer ${OPERATOR.FORM_SYNC_CONSOLE_TOKEN}`
  const state = await (await ask('/readyz', { headers: { authorization } })).json<{ rules: object[] }>()
  expect(state.rules).toContainEqual({ form: 'contact', rule: 'honeypot', watched: 0, held: 0, dropped: 2 })
  const held = await (await ask('/v1/held?rule=links', { headers: { authorization } })).json<{ held: object[] }>()
  expect(held.held).toHaveLength(1)
})
