/** The REST API over real connections. */
import { afterEach, describe, expect, it } from 'vitest'
import { serveSimulator, type RunningSimulator } from '../../../../demo/simulator/serve.ts'
import type { CallLine } from '../../../../demo/simulator/view.ts'
import { ACCOUNT, START } from '../simulator-client.ts'

const LEADS = JSON.stringify({ input: [{ email: 'ana@acme.example' }] })

let simulator: RunningSimulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

describe('the REST API on Node', () => {
  it('answers over a connection, compressed where it is long', async () => {
    const { post } = await serve()
    const input = Array.from({ length: 100 }, (_, n) => ({ email: `p${n}@acme.example` }))

    const response = await post(JSON.stringify({ input }))

    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.json()).toMatchObject({ success: true, result: input.map(() => ({ status: 'created' })) })
  })

  it('answers 413 to a body of more than 1 MB, and then the next call', async () => {
    const { post } = await serve()

    const rejected = await post('x'.repeat(2_000_000))
    const next = await post(LEADS)

    expect(rejected.status).toBe(413)
    expect(await next.json()).toMatchObject({ success: true })
  })

  it.each([
    ['reset', false, 0],
    ['accepted-then-reset', true, 1],
    ['timeout', false, 0],
    ['accepted-then-timeout', true, 1],
  ])('sends no answer for the fault %s, whatever was done', async (fault, applied, people) => {
    const { url, post } = await serve()
    await fetch(`${url}/sim/faults`, { method: 'POST', body: JSON.stringify({ fault, ms: 1 }) })

    const error: unknown = await post(LEADS).catch((error: unknown) => error)

    expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } })
    const calls = (await (await fetch(`${url}/sim/calls`)).json()) as CallLine[]
    expect(calls.at(-1)).toMatchObject({ operation: 'syncLeads', code: fault, applied, answered: false })
    expect(await (await fetch(`${url}/sim/leads`)).json()).toHaveLength(people)
  })

  it('rejects a double slash at the start of the path', async () => {
    const { url, token } = await serve()

    const response = await fetch(`${url}//rest/v1/leads.json?filterType=id&filterValues=1`, {
      headers: { Authorization: `Bearer ${token}` },
    })

    expect(await response.json()).toMatchObject({ success: false, errors: [{ code: '610' }] })
  })
})

async function serve() {
  simulator = await serveSimulator({ port: 0, account: ACCOUNT, now: () => START })
  const { url } = simulator
  const { clientId, clientSecret } = ACCOUNT
  const response = await fetch(`${url}/identity/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  })
  const { access_token: token } = (await response.json()) as { access_token: string }
  return {
    url,
    token,
    post: (body: string): Promise<Response> =>
      fetch(`${url}/rest/v1/leads.json`, {
        method: 'POST',
        body,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      }),
  }
}
