import { describe, expect, it } from 'vitest'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { createApiKeys } from '../../../relay/index.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { makeFolder } from '../../support/folder.ts'
import { NOW, post, relayUnderTest } from '../../support/relay.ts'
import { lead } from '../../suites/outbox/leads.ts'
import { openFile } from '../outbox/sqlite/open-file.ts'

const TOKEN = 'a-token-of-twenty-characters'
const BEARER = { authorization: `Bearer ${TOKEN}` }
const FLOOD = { form: 'contact', by: 'ana', reason: 'a flood' }

/** Starts a relay with an operator's token, on a file. */
async function operatorUnderTest() {
  const outbox = await createSqliteOutbox(openFile(`${makeFolder()}/outbox.sqlite`), OUTBOX_OPTIONS)
  const { app, events } = relayUnderTest({ outbox, operator: { keys: createApiKeys([TOKEN]), outbox } })
  const ask = async (headers: Record<string, string> = BEARER) => app.request('/v1/hold', { headers })
  const hold = async (body: unknown, headers: Record<string, string> = BEARER) =>
    app.request('/v1/hold', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...headers, 'content-type': 'application/json' },
    })
  return { app, outbox, events, ask, hold }
}

describe('the panic switch over HTTP', () => {
  it('holds the next lead of the form with the same reply to the visitor, and tells the operator what is held', async () => {
    const { app, outbox, events, ask, hold } = await operatorUnderTest()
    const before = await post(app, { Email: 'a@acme.example', _id: '0193573a-1c00-7000-8000-000000000001' })

    const held = await hold(FLOOD)
    const after = await post(app, { Email: 'b@acme.example', _id: '0193573a-1c00-7000-8000-000000000002' })
    await post(app, { Email: 'c@acme.example' }, {}, '/f/plain')

    expect(await held.json()).toEqual({ form: 'contact', on: true, changed: true, held: 0 })
    expect([after.status, [...after.headers]]).toEqual([before.status, [...before.headers]])
    expect(Object.keys((await after.json()) as object)).toEqual(Object.keys((await before.json()) as object))
    expect(await outbox.status(NOW)).toMatchObject({ waiting: 2, held: 1 })
    expect(await (await ask()).json()).toEqual({ forms: [{ ...FLOOD, since: '2026-11-23T09:30:00.000Z' }] })
    expect(events).toContainEqual({ event: 'form-hold-started', ...FLOOD })
    const readyz = (await (await app.request('/readyz', { headers: BEARER })).json()) as { issues: object[] }
    expect(readyz.issues).toEqual([
      { kind: 'form-held', count: 1, ageSeconds: 0, reason: 'all new leads are held: contact (ana: a flood)' },
    ])
  })

  it('ends with off, says how many leads stay held, and is logged once', async () => {
    const { outbox, events, hold } = await operatorUnderTest()
    await hold(FLOOD)
    await outbox.add([lead('a'), lead('b', { form: 'plain', hold: 'spam' })], NOW)

    const ended = await (await hold({ form: 'contact', off: true, by: 'bo' })).json()
    const again = await (await hold({ form: 'contact', off: true, by: 'bo' })).json()

    expect(ended).toEqual({ form: 'contact', on: false, changed: true, held: 1 })
    expect(again).toEqual({ form: 'contact', on: false, changed: false, held: 1 })
    expect(events.filter(({ event }) => event === 'form-hold-ended')).toEqual([
      { event: 'form-hold-ended', form: 'contact', by: 'bo' },
    ])
  })

  it('ends for a form that is no longer in the forms file', async () => {
    const { outbox, hold } = await operatorUnderTest()
    await outbox.holdForm('gone', FLOOD, NOW)

    expect(await (await hold({ form: 'gone', off: true })).json()).toMatchObject({ on: false, changed: true })
  })

  it('rejects a request without the token, and changes nothing', async () => {
    const { outbox, ask, hold } = await operatorUnderTest()

    const statuses = [await ask({}), await hold(FLOOD, {}), await hold(FLOOD, { authorization: 'Bearer x' })]

    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(await outbox.status(NOW)).not.toHaveProperty('heldForms')
  })

  it.each<[string, object, string[]]>([
    ['no form', { reason: 'x' }, ['form']],
    ['a form that there is not', { ...FLOOD, form: 'contct' }, ['form']],
    ['no reason', { form: 'contact' }, ['reason']],
    ['a reason with an address', { ...FLOOD, reason: 'spam of ana@acme.example' }, ['reason']],
    ['an operator with an address', { ...FLOOD, by: 'ana@acme.example' }, ['by']],
    ['a text for off', { ...FLOOD, off: 'yes' }, ['off']],
    ['a member that it does not know', { ...FLOOD, until: 'x' }, ['until']],
  ])('refuses a request with %s', async (_, body, fields) => {
    const { outbox, hold } = await operatorUnderTest()

    const response = await hold(body)
    const { errors } = (await response.json()) as { errors: { field: string }[] }

    expect([response.status, errors.map(({ field }) => field)]).toEqual([422, fields])
    expect(await outbox.status(NOW)).not.toHaveProperty('heldForms')
  })

  it('names the forms that there are when a form is misspelt', async () => {
    const { hold } = await operatorUnderTest()

    const { detail } = (await (await hold({ ...FLOOD, form: 'contct' })).json()) as { detail: string }

    expect(detail).toBe('form must be one of contact, plain.')
  })
})
