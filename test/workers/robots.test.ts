/** Tickets and challenges in the Worker, which loads their code with the first request for a ticket. */
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'
import type { TicketReply } from '../../relay/protocol.ts'
import worker from '../../relay/runtime/cloudflare/worker.ts'
import { ACME } from '../support/relay.ts'

const FORM = { origins: [ACME], fields: { Email: { type: 'email', required: true } } }

const VARIABLES = {
  OUTBOX: env.OUTBOX,
  FORM_SYNC_FORMS: {
    forms: {
      both: { ...FORM, ticket: true, challenge: 'altcha', rules: { ticket: 'hold' } },
      turnstile: { ...FORM, challenge: 'turnstile' },
      plain: FORM,
    },
  },
  MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
  FORM_SYNC_TICKET_KEY: 'hjVYpx8p0tYbqXl3mHn0L1Rk2zq7bQw5',
  FORM_SYNC_TURNSTILE_SECRET: '0x4AAAAAAA',
}

const request = (path: string, init: { method?: string; body?: URLSearchParams } = {}) =>
  worker.fetch(
    new Request<unknown, IncomingRequestCfProperties>(`https://relay.example${path}`, {
      ...init,
      headers: { origin: ACME, accept: 'application/json' },
    }),
    VARIABLES,
  )

/** Posts a form, and returns the state and the hold of its lead. */
async function post(form: string, fields: Record<string, string>) {
  const response = await request(`/f/${form}`, { method: 'POST', body: new URLSearchParams(fields) })
  expect(response.status).toBe(202)
  const { id } = (await response.json()) as { id: string }
  const objects = ['outbox', 'outbox-1', 'outbox-2'].map((name) => env.OUTBOX.get(env.OUTBOX.idFromName(name)))
  const records = await Promise.all(objects.map((object) => object.find(id)))
  const found = records.find((record) => record !== undefined)
  return { state: found?.state, hold: found?.lead?.hold ?? found?.reason }
}

it('a ticket and a solved challenge let a lead through, and neither counts for another one', async () => {
  const { ticket, challenge } = (await (await request('/f/both/ticket')).json()) as TicketReply
  const solution = await solveChallenge({ challenge: challenge!, deriveKey })
  const fields = { _ticket: ticket!, _challenge: btoa(JSON.stringify({ challenge, solution })) }

  const first = await post('both', { ...fields, Email: 'ana@acme.example' })
  const second = await post('both', { ...fields, Email: 'bob@acme.example' })

  expect(first.state).toBe('waiting')
  expect(second.state).toBe('held')
  expect(second.hold).toContain('no valid ticket: it was used for another lead')
  expect(second.hold).toContain('its answer was used for another lead')
})

it('a lead without ticket and challenge is held', async () => {
  const { state, hold } = await post('both', { Email: 'eve@acme.example' })

  expect(state).toBe('held')
  expect(hold).toContain('ticket: no valid ticket: none was sent')
  expect(hold).toContain('challenge: none was solved')
})

it('a form without them needs no ticket', async () => {
  expect((await request('/f/plain/ticket')).status).toBe(204)
  expect((await post('plain', { Email: 'ana@plain.example' })).state).toBe('waiting')
})
