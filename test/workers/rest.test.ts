/** A Durable Object with an account of REST delivers its leads by REST. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it, onTestFinished, vi } from 'vitest'
import { lead } from '../suites/outbox/leads.ts'
import type { RestOutbox } from './worker.ts'

/** Time for what takes a moment, but seconds on a busy machine. */
const SOON = { interval: 10, timeout: 10_000 }

it('a stored lead reaches Marketo by Sync Leads, with a token of its client', async () => {
  const requests: [path: string, authorization: string | null, body: string][] = []
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const { pathname } = new URL(request.url)
    requests.push([pathname, request.headers.get('Authorization'), await request.text()])
    return pathname.startsWith('/identity')
      ? Response.json({ access_token: 'a-token:int', expires_in: 3_599 })
      : Response.json({ success: true, result: [{ id: 700_123, status: 'created' }] })
  })
  onTestFinished(() => spy.mockRestore())
  const object = env.REST.get(env.REST.idFromName('outbox'))

  await object.add([lead('a', { email: 'ana@acme.example', acceptedAt: Date.now() })], Date.now())
  await vi.waitFor(async () => expect(await object.find('a')).toMatchObject({ state: 'delivered' }), SOON)

  expect(requests).toEqual([
    [
      '/identity/oauth/token',
      null,
      'grant_type=client_credentials&client_id=client&client_secret=correct+horse+battery',
    ],
    ['/rest/v1/leads.json', 'Bearer a-token:int', expect.stringContaining('"email":"ana@acme.example"')],
  ])
  const transport = await runInDurableObject(object, (_: RestOutbox, { storage }) => [
    ...storage.sql.exec('SELECT transport FROM control'),
  ])
  // One of three objects: cookies follow all leads.
  expect(transport).toEqual([{ transport: 'rest, cookies after leads' }])
})

it('a stored lead fills out its Marketo form in one call, and of several objects its cookie follows in another', async () => {
  const requests: [path: string, body: string][] = []
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    if (pathname.startsWith('/identity')) return Response.json({ access_token: 'a-token:int', expires_in: 3_599 })
    requests.push([`${pathname}${search}`, await request.text()])
    return Response.json({ success: true, result: [{ id: 700_123, status: 'updated' }] })
  })
  onTestFinished(() => spy.mockRestore())
  const object = env.REST.get(env.REST.idFromName('outbox'))
  const submitted = lead('b', { email: 'ben@acme.example', attributes: [], marketoForm: 1029, cookie: 'a-cookie' })

  await object.add([{ ...submitted, acceptedAt: Date.now() }], Date.now())
  const notes = ['cookie associated in a call of its own']
  await vi.waitFor(async () => expect(await object.find('b')).toMatchObject({ state: 'delivered', notes }), SOON)

  expect(requests).toEqual([
    [
      '/rest/v1/leads/submitForm.json',
      JSON.stringify({ formId: 1029, input: [{ leadFormFields: { email: 'ben@acme.example' } }] }),
    ],
    ['/rest/v1/leads/700123/associate.json?cookie=a-cookie', ''],
  ])
})
