import { describe, expect, it } from 'vitest'
import { alertBody, alertText, durationOf } from '../../../relay/monitoring/alert-message.ts'
import type { Alert } from '../../../relay/monitoring/alerts.ts'
import { signWebhook } from '../../../relay/monitoring/webhook-signature.ts'
import { NOW } from '../../support/relay.ts'

const BLOCKED: Alert = {
  change: 'started',
  kind: 'blocked',
  count: 3,
  ageSeconds: 10,
  reason: '20014 Authentication failed',
  until: '2026-11-23T09:35:00.000Z',
  lastedSeconds: 0,
}

describe('the message of an alert', () => {
  it('says what is wrong, what it means, why, what to do and where to read more', () => {
    expect(alertText(BLOCKED)).toEqual([
      'form-sync is blocked by Marketo.',
      'Marketo rejects every call until somebody acts. All leads are kept.',
      'Reason: 20014 Authentication failed.',
      'Count: 3. Until 2026-11-23T09:35:00.000Z.',
      'What to do: Correct what the reason names, usually the key or the account, and restart, or run form-sync retry.',
      'More: docs/operate.md#blocked',
    ])
  })

  it('names the account, and says that an issue is worse, lasts, or is over', () => {
    const first = (change: Alert['change']) =>
      alertText({ ...BLOCKED, account: 'labs', change, lastedSeconds: 12_000 })[0]

    expect([first('escalated'), first('ongoing'), first('resolved')]).toEqual([
      'Worse: form-sync (account labs) is blocked by Marketo. It has lasted 3 h 20 min.',
      'Still: form-sync (account labs) is blocked by Marketo. It has lasted 3 h 20 min.',
      'Resolved: form-sync (account labs) is blocked by Marketo. It lasted 3 h 20 min.',
    ])
  })

  it('is JSON with the text that chat services show, and with the data for programs', () => {
    const body = JSON.parse(alertBody(BLOCKED, NOW, 'hooks.slack.example')) as object

    expect(body).toEqual({
      type: 'alert.started',
      timestamp: new Date(NOW).toISOString(),
      text: alertText(BLOCKED).join('\n'),
      data: BLOCKED,
    })
  })

  it.each([
    'acme.webhook.office.com',
    'prod-07.westeurope.logic.azure.com',
    'default0.12.environment.api.powerplatform.com',
  ])('is an adaptive card for Microsoft Teams at %s', (host) => {
    const body = JSON.parse(alertBody(BLOCKED, NOW, host)) as {
      type: string
      attachments: { contentType: string; content: { type: string; body: { type: string; text: string }[] } }[]
    }

    expect(body.type).toBe('message')
    expect(body.attachments[0]!.contentType).toBe('application/vnd.microsoft.card.adaptive')
    expect(body.attachments[0]!.content.body.map(({ text }) => text)).toEqual(alertText(BLOCKED))
  })

  it('does not take a host for Microsoft Teams that only ends like one', () => {
    expect(alertBody(BLOCKED, NOW, 'evil-webhook.office.com.example')).toContain('"text"')
    expect(alertBody(BLOCKED, NOW, 'notlogic.azure.com')).toContain('"type":"alert.started"')
  })

  it.each([
    [0, '0 s'],
    [40, '40 s'],
    [300, '5 min'],
    [12_000, '3 h 20 min'],
    [187_200, '2 d 4 h'],
    [86_410, '1 d'],
  ])('writes %s seconds as %s', (seconds, text) => {
    expect(durationOf(seconds)).toBe(text)
  })
})

it('a webhook is signed as the example of Standard Webhooks is', async () => {
  const secret = new Uint8Array(Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'))
  const sign = (secrets: Uint8Array<ArrayBuffer>[]) =>
    signWebhook(secrets, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')

  expect(await sign([secret])).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  expect((await sign([new Uint8Array(24), secret])).split(' ')[1]).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})
