import { expect, it } from 'vitest'
import { readJsonBody } from '../../../relay/http/json-body.ts'

it('a body that breaks off is answered with 400, and is no failure of the relay', async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError('aborted')) })
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', body, headers, duplex: 'half' } as RequestInit
  const request = new Request('https://relay.example/v1/hold', init)

  const reply = await readJsonBody(request, 1_024, '{"form": "contact"}')

  if (!(reply instanceof Response)) throw new Error('the body was read')
  expect(reply.status).toBe(400)
  expect(await reply.json()).toMatchObject({ code: 'unreadable', detail: expect.stringContaining('its end') })
})
