/** Injected faults. Expected values: docs/simulator.md, and of codes Adobe's error-codes.md and rest.md 2. */
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { validateRest } from '../../../support/schema/marketo-rest.ts'
import { openRest, type RestClient } from './rest-client.ts'

const ANA = { email: 'ana@acme.example', firstName: 'Ana' }
const EVA = { email: 'eva@acme.example' }

/** Sends two leads without a check of the answer, and with the fault. */
async function sendWith(rest: RestClient, fault: object, more: object = {}) {
  const token = await rest.token()
  await rest.control('/sim/faults', fault)
  return rest.send('POST', '/rest/v1/leads.json', { json: { input: [ANA, EVA], ...more }, token })
}

describe('a code of the response', () => {
  it.each([
    ['500', 'Internal server error'],
    ['502', 'Bad gateway'],
    ['601', 'Access token invalid'],
    ['602', 'Access token expired'],
    ['603', 'Access denied'],
    ['604', 'Request timed out'],
    ['606', "Max rate limit '100' exceeded with in '20' secs"],
    ['607', 'Daily quota reached'],
    ['608', 'API Temporarily Unavailable'],
    ['609', 'Invalid JSON'],
    ['611', 'System error'],
    ['614', 'Invalid Subscription'],
    ['615', 'Concurrent access limit reached'],
    ['713', 'Transient Error'],
    ['719', 'Lock wait timeout exception'],
  ])('%s is answered with HTTP 200 and success false, and nothing is done', async (code, message) => {
    const rest = openRest()

    const answer = await sendWith(rest, { fault: code })

    expect(answer.status).toBe(200)
    expect(validateRest('ResponseOfLead', answer.body)).toEqual([])
    expect(answer.body).toMatchObject({ success: false, errors: [{ code, message }] })
    expect(await rest.leads()).toEqual([])
    expect((await rest.calls()).at(-1)).toMatchObject({ ok: false, code, applied: false })
  })

  it('1077 has HTTP 400', async () => {
    const answer = await sendWith(openRest(), { fault: '1077' })

    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ success: false, errors: [{ code: '1077' }] })
  })
})

describe('a code of a record', () => {
  it.each([
    ['1003', 'Invalid data'],
    ['1006', "Field 'city' not found"],
    ['1007', 'Multiple leads match the lookup criteria'],
    ['1016', 'Too many imports'],
    ['1021', 'Company update not allowed'],
    ['1029', 'Too many jobs in queue'],
  ])('%s skips every lead of the call with success, and names the field', async (code, message) => {
    const rest = openRest()

    const answer = await sendWith(rest, { fault: code, field: 'city' })

    const entry = { status: 'skipped', reasons: [{ code, message }] }
    expect(validateRest('ResponseOfLead', answer.body)).toEqual([])
    expect(answer.body).toMatchObject({ success: true, result: [entry, entry] })
    expect(await rest.leads()).toEqual([])
  })

  it('skips one address alone, and meets no call without it', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { fault: '1029', email: 'EVA@acme.example' })

    const without = await rest.syncLeads([ANA], {}, { token })
    const both = await rest.syncLeads([ANA, EVA], {}, { token })
    const after = await rest.syncLeads([EVA], {}, { token })

    expect([without, both, after].map(({ body }) => body.result?.map(({ status }) => status))).toEqual([
      ['created'],
      ['updated', 'skipped'],
      ['created'],
    ])
  })

  it('skips a form', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { fault: '1029', operation: 'submitForm' })

    const answer = await rest.submit(ANA, {}, { token })

    expect(answer.body.result).toMatchObject([{ status: 'skipped', reasons: [{ code: '1029' }] }])
  })

  it('is an error of the response at that level, and for calls without records', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.syncLeads([ANA], {}, { token })
    await rest.control('/sim/faults', { fault: '1006', level: 'response', field: 'city' })
    const whole = await rest.syncLeads([ANA], {}, { token })
    await rest.control('/sim/faults', { fault: '1004', operation: 'associateLead' })
    const associated = await rest.associate(700001, 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321', {
      token,
    })

    expect(whole.body.errors).toEqual([{ code: '1006', message: "Field 'city' not found" }])
    expect(associated.body.errors).toEqual([{ code: '1004', message: 'Lead not found' }])
  })

  it('skipped has no reason', async () => {
    const answer = await sendWith(openRest(), { fault: 'skipped' })

    expect(answer.body.result).toEqual([{ status: 'skipped' }, { status: 'skipped' }])
  })
})

describe('an answer of a gateway', () => {
  it.each([
    ['html502', 502],
    ['html200', 200],
    ['html401', 401],
    ['html403', 403],
    ['html404', 404],
    ['html413', 413],
    ['html414', 414],
    ['html429', 429],
    ['html500', 500],
    ['html503', 503],
  ])('%s is a page of HTML with HTTP %i, and nothing is done', async (fault, status) => {
    const rest = openRest()

    const answer = await sendWith(rest, { fault })

    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.body).toMatch(/^<html>/)
    expect(await rest.leads()).toEqual([])
    expect((await rest.calls()).at(-1)).toMatchObject({ ok: false, code: fault, applied: false })
  })

  it('redirect leads to another host', async () => {
    const answer = await sendWith(openRest(), { fault: 'redirect' })

    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toMatch(/^https:/)
  })

  it('may meet calls that contain a text alone, in the address or in the body', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { fault: 'html403', text: 'SELECT', times: 2 })
    const send = (city: string, query = ''): ReturnType<typeof rest.send> =>
      rest.send('POST', `/rest/v1/leads.json${query}`, { json: { input: [{ ...ANA, city }] }, token })

    const statuses = [await send('Kiel'), await send('SELECT 1'), await send('Kiel', '?q=SELECT')]

    expect(statuses.map(({ status }) => status)).toEqual([200, 403, 403])
  })

  it.each([
    [{}, '20'],
    [{ ms: 1_500 }, '2'],
  ])('html429 has a Retry-After in whole seconds', async (more, seconds) => {
    const answer = await sendWith(openRest(), { fault: 'html429', ...more })

    expect(answer.headers.get('retry-after')).toBe(seconds)
  })

  it.each([
    ['garbage', /^{"requestId":"[^}]*$/],
    ['null', /^null$/],
    ['empty', /^$/],
  ])('%s is JSON by its type alone, and nothing is done', async (fault, text) => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { fault })

    const response = await rest.app.request('/rest/v1/leads.json', {
      method: 'POST',
      body: JSON.stringify({ input: [ANA] }),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    })

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8')
    expect(await response.text()).toMatch(text)
    expect(await rest.leads()).toEqual([])
  })
})

describe('an answer that is changed after the work', () => {
  /** Sends one lead and returns the bytes of the answer. */
  async function bytesWith(rest: RestClient, fault: string) {
    const token = await rest.token()
    await rest.control('/sim/faults', { fault })
    const response = await rest.app.request('/rest/v1/leads.json', {
      method: 'POST',
      body: JSON.stringify({ input: [ANA] }),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    })
    return { response, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  const ANSWER = { success: true, result: [{ id: 700001, status: 'created' }] }

  it('begins with a byte order mark: bom', async () => {
    const { bytes } = await bytesWith(openRest(), 'bom')

    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(JSON.parse(bytes.subarray(3).toString())).toMatchObject(ANSWER)
  })

  it('is declared as HTML: text-html', async () => {
    const { response, bytes } = await bytesWith(openRest(), 'text-html')

    expect(response.headers.get('content-type')).toBe('text/html;charset=UTF-8')
    expect(JSON.parse(bytes.toString())).toMatchObject(ANSWER)
  })

  it('is compressed although it is short and was not asked for: gzip', async () => {
    const { response, bytes } = await bytesWith(openRest(), 'gzip')

    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject(ANSWER)
  })

  it('ends in its middle: accepted-then-garbage', async () => {
    const rest = openRest()

    const { bytes } = await bytesWith(rest, 'accepted-then-garbage')

    expect(() => JSON.parse(bytes.toString()) as unknown).toThrow()
    expect(bytes.toString()).toMatch(/^{"requestId":/)
    expect(await rest.leads()).toHaveLength(1)
    expect((await rest.calls()).at(-1)).toMatchObject({ ok: false, code: 'accepted-then-garbage', applied: true })
  })

  it.each([
    [
      'text-ids',
      [
        { id: '700001', status: 'created' },
        { id: '700002', status: 'created' },
      ],
    ],
    ['no-result', undefined],
    ['short-result', [{ id: 700001, status: 'created' }]],
    [
      'long-result',
      [
        { id: 700001, status: 'created' },
        { id: 700002, status: 'created' },
        { id: 700002, status: 'created' },
      ],
    ],
  ])('has another result, which is recorded as it was: %s', async (fault, result) => {
    const rest = openRest()

    const answer = await sendWith(rest, { fault })

    expect(answer.body.success).toBe(true)
    expect(answer.body.result).toEqual(result)
    expect(await rest.leads()).toHaveLength(2)
    expect((await rest.calls('?records=1')).at(-1)).toMatchObject({
      code: fault,
      applied: true,
      records: [{ leadId: 700001 }, { leadId: 700002 }],
    })
  })

  it.each([
    ['of an error', { action: 'upsert' }, { success: false, errors: [{ code: 1003 }] }],
    ['of a reason', { action: 'updateOnly' }, { success: true, result: [{ reasons: [{ code: 1004 }] }, {}] }],
  ])('has codes that are numbers %s: numeric-codes', async (_, more, expected) => {
    const answer = await sendWith(openRest(), { fault: 'numeric-codes' }, more)

    expect(answer.body).toMatchObject(expected)
  })
})

describe('a token', () => {
  it('ends with the fault expired-token: 602, then 601, and identity gives another one', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { fault: 'expired-token' })

    const codes = []
    for (let use = 0; use < 2; use += 1) codes.push((await rest.syncLeads([ANA], {}, { token })).body.errors?.[0]?.code)
    const renewed = await rest.token()

    expect(codes).toEqual(['602', '601'])
    expect(renewed).not.toBe(token)
    expect((await rest.syncLeads([ANA], {}, { token: renewed })).body.success).toBe(true)
    expect((await rest.limits()).used.today).toBe(1)
  })

  it('stays valid after an injected 602, so that identity gives the same one', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { fault: '602' })

    const answer = await rest.syncLeads([ANA], {}, { token })

    expect(answer.body.errors).toMatchObject([{ code: '602' }])
    expect(await rest.token()).toBe(token)
  })

  it('is asked for without a fault, unless the fault names identity', async () => {
    const rest = openRest()
    await rest.control('/sim/faults', { fault: 'html502' })
    const first = await rest.identity()
    await rest.control('/sim/faults', { fault: 'html502', operation: 'identity' })
    const second = await rest.identity()

    expect([first.status, second.status]).toEqual([200, 502])
  })
})

describe('a fault', () => {
  it('of one API waits for a call of that API', async () => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { faults: [{ fault: '20023' }, { fault: '606' }, { fault: 'failed' }] })

    const answers = [
      (await rest.syncLeads([ANA], {}, { token })).body.errors?.[0]?.code,
      (await rest.syncLeads([ANA], {}, { token })).body.success,
      (await rest.sync(EVA)).code,
      (await rest.sync(EVA)).done,
    ]

    expect(answers).toEqual(['606', true, '20023', 'FAILED'])
  })

  it('for an address meets SOAP calls too', async () => {
    const rest = openRest()
    await rest.control('/sim/faults', { fault: '20106', email: 'eva@acme.example' })

    const codes = [(await rest.sync(ANA)).code, (await rest.sync(EVA)).code]

    expect(codes).toEqual([undefined, '20106'])
  })

  it('of either API may have any rate, because no call can meet both', async () => {
    const rest = openRest()

    const response = await rest.control('/sim/faults', {
      faults: [
        { fault: '20023', rate: 0.7 },
        { fault: '606', rate: 0.7 },
      ],
    })

    expect(response.status).toBe(200)
  })

  it.each([
    ['an unknown code', { fault: '6066' }, /must be a code from Marketo's error tables/],
    ['an address that is no text', { fault: '1029', email: 7 }, /must be a text/],
    ['another level', { fault: '1029', level: 'record' }, /or left out/],
    ['an unknown operation', { fault: '606', operation: 'pushLead' }, /syncLeads/],
  ])('is rejected with %s', async (_, fault, message) => {
    const response = await openRest().control('/sim/faults', fault)

    expect(response.status).toBe(400)
    expect(await response.text()).toMatch(message)
  })

  it('slow searches first and writes at its end', async () => {
    const waits: { ms: number; leads: number }[] = []
    const rest = openRest({ wait: async (ms) => void waits.push({ ms, leads: (await rest.leads()).length }) })

    const answer = await sendWith(rest, { fault: 'slow', ms: 1_500 })

    expect(waits).toEqual([{ ms: 1_500, leads: 0 }])
    expect(answer.body.success).toBe(true)
    expect((await rest.calls()).at(-1)).toMatchObject({ ok: true, code: 'slow' })
  })

  it.each([
    ['reset', false],
    ['accepted-then-reset', true],
  ])('%s breaks the connection', async (fault, applied) => {
    const rest = openRest()
    const token = await rest.token()
    await rest.control('/sim/faults', { fault })
    let isDropped = false

    await rest.app.request(
      '/rest/v1/leads.json',
      {
        method: 'POST',
        body: JSON.stringify({ input: [ANA] }),
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      },
      { drop: () => (isDropped = true) },
    )

    expect(isDropped).toBe(true)
    expect(await rest.leads()).toHaveLength(applied ? 1 : 0)
    expect((await rest.calls()).at(-1)).toMatchObject({ ok: false, code: fault, applied, answered: false })
  })
})
