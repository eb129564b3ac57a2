import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startAlertReceiver } from '../../../support/alert-receiver.ts'
import { makeFolder } from '../../../support/folder.ts'
import { startNodeRelay } from '../../../support/node-relay.ts'
import { AS_OPERATOR } from '../../../support/operator.ts'

const SOON = { interval: 20, timeout: 20_000 }
const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`

/** Has all new leads of the form held, which is an issue at once. */
function hold(url: string) {
  return fetch(`${url}/v1/hold`, {
    method: 'POST',
    headers: { ...AS_OPERATOR.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ form: 'contact', reason: 'a flood' }),
  })
}

describe('a relay on Node with a receiver of alerts', () => {
  it('posts an alert once, also after a restart', async () => {
    const receiver = await startAlertReceiver()
    const folder = makeFolder()
    const env = { FORM_SYNC_ALERT_URL: receiver.url, FORM_SYNC_ALERT_SECRET: SECRET }
    const first = await startNodeRelay({ env, folder })
    expect((await hold(first.url)).status).toBe(200)
    await first.post({ Email: 'ana@acme.example', LastName: 'Silva' })

    await vi.waitFor(() => expect(first.events).toContainEqual(expect.objectContaining({ event: 'alert-sent' })), SOON)
    await first.close()
    const second = await startNodeRelay({ env, folder })
    await second.post({ Email: 'bo@acme.example', LastName: 'Berg' })
    await vi.waitFor(async () => expect(await second.issues('form-held')).toHaveLength(1), SOON)
    await second.close()

    expect(receiver.received).toHaveLength(1)
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]]
    expect(headers['webhook-signature']).toMatch(/^v1,/)
    expect(JSON.parse(body)).toMatchObject({ type: 'alert.started', data: { kind: 'form-held', count: 1 } })
    expect(body).not.toContain('ana@')
  })

  it('delivers after a restart what its receiver has not taken before', async () => {
    const receiver = await startAlertReceiver()
    receiver.reply(503)
    const folder = makeFolder()
    const env = { FORM_SYNC_ALERT_URL: receiver.url }
    const first = await startNodeRelay({ env, folder })
    await hold(first.url)
    await first.post({ Email: 'ana@acme.example', LastName: 'Silva' })
    await vi.waitFor(
      () =>
        expect(first.events).toContainEqual(expect.objectContaining({ event: 'alert-not-sent', reason: 'status 503' })),
      SOON,
    )
    await first.close()
    receiver.reply(204)
    // The next attempt is made as if its pause had passed.
    const path = join(folder, 'alerts.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"dueAt":\d+/, '"dueAt":0'))

    const second = await startNodeRelay({ env, folder })
    await vi.waitFor(() => expect(second.events).toContainEqual(expect.objectContaining({ event: 'alert-sent' })), SOON)

    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toHaveLength(2)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  it('starts with a file of alerts that cannot be read, and says so', async () => {
    const folder = makeFolder()
    writeFileSync(join(folder, 'alerts.json'), '{"form-held"')
    const { events } = await startNodeRelay({ folder })

    expect(events).toContainEqual({ event: 'error', where: 'alert file', reason: 'is no JSON' })
  })

  it('sends a heartbeat when it has started', async () => {
    const monitor = await startAlertReceiver()
    await startNodeRelay({ env: { FORM_SYNC_HEARTBEAT_URL: monitor.url } })

    await vi.waitFor(() => expect(monitor.received).toHaveLength(1), SOON)
  })
})
