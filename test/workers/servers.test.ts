/** The Worker takes leads of servers, and sends them by REST within the limits of the Durable Object. */
import { env } from 'cloudflare:workers'
import { expect, it, onTestFinished, vi } from 'vitest'
import relay from '../../relay/runtime/cloudflare/worker.ts'

const VARIABLES = {
  MARKETO_TRANSPORT: 'rest',
  MARKETO_REST_ENDPOINT: 'https://marketo.example/rest',
  MARKETO_CLIENT_ID: 'client',
  MARKETO_CLIENT_SECRET: 'correct horse battery',
  FORM_SYNC_API_KEYS: 'a-key-of-twenty-characters',
  FORM_SYNC_SHARDS: '1',
}
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

it('a server’s lead gets Marketo’s result by REST, and its cookie is associated', async () => {
  const requests: string[] = []
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { pathname, searchParams } = new URL(new Request(input, init).url)
    requests.push(pathname)
    if (pathname.startsWith('/identity')) return Response.json({ access_token: 'a-token', expires_in: 3_599 })
    if (pathname === '/rest/v1/leads.json') {
      return Response.json({ success: true, result: [{ id: 700_123, status: 'created' }] })
    }
    expect(searchParams.get('cookie')).toBe(COOKIE)
    return Response.json({ success: true })
  })
  onTestFinished(() => spy.mockRestore())
  const request = new Request<unknown, IncomingRequestCfProperties>('https://forms.acme.example/v1/leads', {
    method: 'POST',
    headers: { authorization: `Bearer ${VARIABLES.FORM_SYNC_API_KEYS}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ana@acme.example', marketoCookie: COOKIE }),
  })

  const response = await relay.fetch(request, { ...env, ...VARIABLES })

  expect(await response.json()).toEqual({ leadId: 700_123, status: 'CREATED', error: null, leadRecord: null })
  expect(requests).toEqual(['/identity/oauth/token', '/rest/v1/leads.json', '/rest/v1/leads/700123/associate.json'])
  const { day } = await env.OUTBOX.get(env.OUTBOX.idFromName('outbox')).status(Date.now())
  expect(day.spent).toBe(2)
})
