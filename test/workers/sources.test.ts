/** The source of a lead as the Worker tells it to its Durable Object. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import worker from '../../relay/runtime/cloudflare/worker.ts'
import { ACME, FORMS } from '../support/relay.ts'
import type { LeadOutbox } from './worker.ts'

/** Only the Worker has a Marketo account. The object stores leads and delivers none. */
const VARIABLES = {
  OUTBOX: env.OUTBOX,
  FORM_SYNC_FORMS: FORMS,
  MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}

it('leads have one source by the address that Cloudflare has seen, as a digest alone', async () => {
  for (const [at, address] of ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2'].entries()) {
    const request = new Request<unknown, IncomingRequestCfProperties>('https://relay.example/f/contact', {
      method: 'POST',
      headers: {
        origin: ACME,
        accept: 'application/json',
        'cf-connecting-ip': address,
        'x-forwarded-for': '203.0.113.7',
      },
      body: new URLSearchParams({ Email: `lead-${at}@acme.example` }),
    })
    expect((await worker.fetch(request, VARIABLES)).status).toBe(202)
  }

  const object = env.OUTBOX.get(env.OUTBOX.idFromName('outbox'))
  const rows = await runInDurableObject(object, (_: LeadOutbox, { storage }) => [
    ...storage.sql.exec<{ source: string; lead: string }>('SELECT source, lead FROM job ORDER BY seq'),
  ])

  const [first, mapped, other] = rows.map(({ source }) => source)
  expect(first).toMatch(/^[\w-]{22}$/)
  expect([mapped === first, other === first]).toEqual([true, false])
  expect(JSON.stringify(rows)).not.toMatch(/192\.0\.2|203\.0/)
})
