import { expect, it } from 'vitest'
import { ACCOUNT } from '../simulator-client.ts'
import { openRest } from '../rest/rest-client.ts'

interface Har {
  log: {
    version: string
    entries: {
      startedDateTime: string
      request: { method: string; url: string; queryString: object[]; postData?: { mimeType: string; text: string } }
      response: { status: number; content: { mimeType: string; text: string } }
    }[]
  }
}

it('the calls are an HTTP archive, in their order, without secrets', async () => {
  const rest = openRest()
  await rest.sync({ email: 'ana@acme.example' })
  await rest.app.request('http://localhost/rest/v1/leads.json', {
    method: 'POST',
    body: '{"input":[]}',
    headers: { 'Content-Type': 'application/json' },
  })

  const text = await (await rest.app.request('http://localhost/sim/calls.har')).text()

  const { version, entries } = (JSON.parse(text) as Har).log
  const [soap, rejected] = entries.slice(-2)
  expect(version).toBe('1.2')
  expect(soap).toMatchObject({
    startedDateTime: '2026-11-23T09:30:00.000Z',
    request: {
      method: 'POST',
      url: 'http://localhost/soap/mktows/3_1',
      postData: { mimeType: 'text/xml', text: expect.stringContaining('<Email>ana@acme.example</Email>') },
    },
    response: { status: 200, content: { mimeType: 'text/xml', text: expect.stringContaining('CREATED') } },
  })
  expect(rejected).toMatchObject({
    request: {
      method: 'POST',
      url: 'http://localhost/rest/v1/leads.json',
      postData: { mimeType: 'application/json', text: '{"input":[]}' },
    },
    response: { status: 200, content: { text: expect.stringContaining('"600"') } },
  })
  expect(text).toContain('********')
  expect(text).not.toContain(ACCOUNT.clientSecret)
})

it('an entry has the query of its address', async () => {
  const rest = openRest()
  await rest.send('GET', '/rest/v1/lists.json?name=Newsletter')

  const { log } = (await (await rest.app.request('http://localhost/sim/calls.har')).json()) as Har

  expect(log.entries.at(-1)?.request).toMatchObject({
    method: 'GET',
    queryString: [{ name: 'name', value: 'Newsletter' }],
  })
})
