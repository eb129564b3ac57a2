import { describe, expect, it } from 'vitest'
import { Calls, maskSignature } from '../../../../demo/simulator/calls.ts'
import { COOKIE, message, openSimulator, START, syncLeadMessage, TOKEN } from '../simulator-client.ts'

const END = { ok: true, code: null, leadId: 1, appliedAt: START, records: [], status: 200 } as const

describe('/sim/leads', () => {
  it('lists people and visitors in order of creation', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')
    await simulator.sync({ email: 'eva@acme.example' })
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    const leads = await simulator.leads()

    expect(leads.map(({ id, email }) => [id, email])).toEqual([
      [700001, 'ana@acme.example'],
      [700002, 'eva@acme.example'],
    ])
  })

  it('shows an anonymous visitor', async () => {
    const simulator = openSimulator()

    await simulator.visit(TOKEN, '/', { _mchRe: 'https://search.example/?q=tides' })

    expect(await simulator.leads()).toEqual([
      {
        id: 700001,
        known: false,
        email: null,
        attributes: {},
        foreignIds: [],
        cookies: [COOKIE],
        workspace: 'Default',
        partition: 'Default',
        activities: [
          {
            type: 'visit',
            at: '2026-11-23T09:30:00.000Z',
            url: 'https://www.acme.example/',
            referrer: 'https://search.example/?q=tides',
          },
        ],
        createdAt: '2026-11-23T09:30:00.000Z',
        updatedAt: '2026-11-23T09:30:00.000Z',
      },
    ])
  })
})

describe('/sim/calls', () => {
  it('lists every call in order with its outcome', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.post(message({ secretKey: 'another key' }))
    await simulator.post('hello')

    const calls = await simulator.calls()

    const at = '2026-11-23T09:30:00.000Z'
    const times = { arrivedAt: expect.any(Number), endedAt: expect.any(Number), answered: true }
    const done = { ...times, applied: true, appliedAt: expect.any(Number) }
    const undone = { ...times, applied: false, appliedAt: null }
    expect(calls).toEqual([
      { number: 1, at, api: 'soap', operation: 'syncLead', ok: true, code: null, leadId: 700001, ms: 0, ...done },
      { number: 2, at, api: 'soap', operation: 'syncLead', ok: false, code: '20014', leadId: null, ms: 0, ...undone },
      { number: 3, at, api: 'soap', operation: 'unknown', ok: false, code: '20012', leadId: null, ms: 0, ...undone },
    ])
  })

  it('returns a call with request and reply, unchanged except for the masked signature', async () => {
    const simulator = openSimulator()
    const sent = syncLeadMessage({ email: 'ana@acme.example', cookie: COOKIE }, START)
    const answer = await simulator.post(sent)

    const call = await simulator.call(1)

    expect(call).toMatchObject({ number: 1, status: 200, response: answer.body })
    expect(call.request).toContain('<requestSignature>********</requestSignature>')
    expect(call.request.replace('********', /[0-9a-f]{40}/.exec(sent)?.[0] ?? '')).toBe(sent)
  })

  it.each([
    ['plain', '<requestSignature>abc</requestSignature>', '<requestSignature>********</requestSignature>'],
    [
      'prefixed',
      '<a:requestSignature x="1">abc</a:requestSignature>',
      '<a:requestSignature x="1">********</a:requestSignature>',
    ],
    [
      'in CDATA',
      '<requestSignature><![CDATA[abc]]></requestSignature>',
      '<requestSignature>********</requestSignature>',
    ],
    ['cut off', '<requestSignature>abc', '<requestSignature>********'],
    ['forty hex digits outside of any element', 'x 275482698c811283885025c1004238581cb1ff56 y', 'x ******** y'],
  ])('masks a signature: %s', (_, request, masked) => {
    expect(maskSignature(request)).toBe(masked)
  })

  it('keeps a line for each of the last 100,000 calls', () => {
    const calls = new Calls(() => START)

    for (let call = 0; call < 100_001; call += 1) calls.end(calls.begin('soap'), { ...END, request: '', response: '' })

    const lines = calls.list()
    expect([lines.length, lines[0]?.number, lines.at(-1)?.number]).toEqual([100_000, 2, 100_001])
  })

  it('keeps request and reply of the last 1,000 calls', async () => {
    const simulator = openSimulator()
    for (let call = 0; call < 1_001; call += 1) await simulator.post('hello')

    const [first, second] = [await simulator.app.request('/sim/calls/1'), await simulator.app.request('/sim/calls/2')]

    expect([first.status, second.status]).toEqual([404, 200])
  })
})

describe('stored requests and replies', () => {
  const MEGABYTE = 'x'.repeat(1024 * 1024)

  it('are limited to 16 MB, while all lines are kept', () => {
    const calls = new Calls(() => START)

    for (let n = 0; n < 20; n += 1) calls.end(calls.begin('soap'), { ...END, request: MEGABYTE, response: MEGABYTE })

    const kept = calls.list().filter(({ number }) => calls.find(number))
    expect(kept.map(({ number }) => number)).toEqual([13, 14, 15, 16, 17, 18, 19, 20])
    expect(calls.list()).toHaveLength(20)
  })

  it('are always kept for the newest call, whatever their length', () => {
    const calls = new Calls(() => START)

    for (let n = 0; n < 2; n += 1)
      calls.end(calls.begin('soap'), { ...END, request: MEGABYTE.repeat(17), response: '' })

    expect(calls.find(1)).toBeUndefined()
    expect(calls.find(2)?.request).toHaveLength(17 * 1024 * 1024)
  })

  it('are kept again after everything was cleared', () => {
    const calls = new Calls(() => START)
    for (let n = 0; n < 9; n += 1) calls.end(calls.begin('soap'), { ...END, request: MEGABYTE, response: MEGABYTE })

    calls.clear()
    for (let n = 0; n < 8; n += 1) calls.end(calls.begin('soap'), { ...END, request: MEGABYTE, response: MEGABYTE })

    expect(calls.find(1)).toBeDefined()
  })
})

describe('/sim/reset', () => {
  it('restores the initial state of people, calls, limits and faults', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE, foreignId: 'F', foreignType: 'SFDC' })
    await simulator.control('/sim/limits', { daily: 1 })
    await simulator.control('/sim/faults', { fault: '20011', rate: 1 })

    const response = await simulator.app.request('/sim/reset', { method: 'POST' })

    expect(response.status).toBe(200)
    expect(await simulator.leads()).toEqual([])
    expect(await simulator.calls()).toEqual([])
    expect(await simulator.limits()).toMatchObject({ daily: 10_000, used: { last20s: 0, today: 0 } })
    const answer = await simulator.sync({
      email: 'ana@acme.example',
      cookie: COOKIE,
      foreignId: 'F',
      foreignType: 'SFDC',
    })
    expect(answer).toMatchObject({ done: 'CREATED', leadId: 700001 })
    expect(await simulator.calls()).toMatchObject([{ number: 1 }])
  })

  it('removes a call in progress', async () => {
    const gate = Promise.withResolvers<void>()
    const simulator = openSimulator({ wait: () => gate.promise })
    await simulator.control('/sim/faults', { fault: 'slow' })
    const slow = simulator.sync({ email: 'ana@acme.example' })
    while ((await simulator.limits()).used.now === 0) await new Promise((resolve) => setImmediate(resolve))

    await simulator.app.request('/sim/reset', { method: 'POST' })
    gate.resolve()
    await slow

    expect(await simulator.calls()).toEqual([])
  })
})

describe('/sim/faults', () => {
  it('accepts the operation unknown, for messages that cannot be read', async () => {
    const simulator = openSimulator()

    await simulator.control('/sim/faults', { fault: '20011', operation: 'unknown' })

    expect((await simulator.post('hello')).code).toBe('20011')
  })
})

const BAD_MIX = ['faults[1].fault', 'faults[1].rate', 'faults[2]', 'faults[3].fault']
const RATES_ABOVE_1 =
  '{"fault":"reset","rate":0.6},{"fault":"slow","rate":0.3,"operation":"getLead"},{"fault":"20011","rate":0.5,"operation":"syncLead"}'

describe('invalid input is answered 400 with the names of the fields', () => {
  it.each([
    ['/sim/faults', '', ['body']],
    ['/sim/faults', '{', ['body']],
    ['/sim/faults', '[]', ['body']],
    ['/sim/faults', 'null', ['body']],
    ['/sim/faults', '{}', ['fault']],
    ['/sim/faults', '{"fault":"nonsense"}', ['fault']],
    ['/sim/faults', '{"fault":"2001"}', ['fault']],
    ['/sim/faults', '{"fault":"slow","ms":-1}', ['ms']],
    ['/sim/faults', '{"fault":"slow","ms":"10"}', ['ms']],
    ['/sim/faults', '{"fault":"reset","times":0,"rate":0}', ['times', 'rate']],
    ['/sim/faults', '{"fault":"reset","times":1.5,"rate":1.1}', ['times', 'rate']],
    ['/sim/faults', '{"fault":"29999"}', ['fault']],
    ['/sim/faults', '{"fault":["20011"]}', ['fault']],
    ['/sim/faults', '{"fault":"reset","operation":""}', ['operation']],
    ['/sim/faults', '{"fault":"reset","operation":"synclead"}', ['operation']],
    ['/sim/faults', '{"fault":"reset","time":1}', ['time']],
    ['/sim/faults', '{"fault":"reset","__proto__":1}', ['__proto__']],
    ['/sim/faults', '{"fault":"reset","seed":-1}', ['seed']],
    ['/sim/faults', '{"faults":{},"seed":1.5}', ['faults', 'seed']],
    ['/sim/faults', '{"faults":[{"fault":"reset"},{"fault":"none","rate":2},7,{}]}', BAD_MIX],
    ['/sim/faults', '{"faults":[{"fault":"reset"}],"rate":0.1}', ['rate']],
    ['/sim/faults', '{"faults":[{"fault":"reset","rate":0.6},{"fault":"slow","rate":0.5}]}', ['faults']],
    ['/sim/faults', `{"faults":[${RATES_ABOVE_1}]}`, ['faults']],
    ['/sim/limits', '{"ratePer20s":-1,"concurrency":"2","daily":1.5}', ['ratePer20s', 'concurrency', 'daily']],
    ['/sim/limits', '{"rate":1}', ['rate']],
    ['/sim/workspaces', '{"workspaces":"some","rules":{}}', ['workspaces', 'rules']],
    ['/sim/workspaces', '{"workspaces":["Europe",""]}', ['workspaces']],
    ['/sim/workspaces', '{"workspaces":[{"name":"Europe"}]}', ['workspaces']],
    ['/sim/workspaces', '{"workspaces":["Europe",{"name":"Europe","partition":"P"}]}', ['workspaces']],
    ['/sim/workspaces', '{"workspaces":["Default","default"]}', ['workspaces']],
    ['/sim/workspaces', '{"rules":[{"attribute":"City","value":"Cork","partition":1}]}', ['rules']],
    ['/sim/workspaces', '{"rules":[{"attribute":"city","value":"Cork","partition":"P"}]}', ['rules']],
    ['/sim/strict', '{}', ['strict']],
    ['/sim/strict', '{"strict":"yes"}', ['strict']],
  ])('%s %s', async (path, body, fields) => {
    const { app } = openSimulator()

    const response = await app.request(path, { method: 'POST', body })

    const { errors } = (await response.json()) as { errors: { field: string; message: string }[] }
    expect(response.status).toBe(400)
    expect(errors.map(({ field }) => field)).toEqual(fields)
    expect(errors.every(({ message }) => message !== '')).toBe(true)
  })

  it.each(['x', '0', '-1', '1e3', '99999999999999999999'])('/sim/calls/%s', async (number) => {
    const { app } = openSimulator()

    const response = await app.request(`/sim/calls/${number}`)

    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ field: 'number' }] })
  })

  it('is answered 413 instead if the body is larger than 64 KB', async () => {
    const { app } = openSimulator()

    const response = await app.request('/sim/faults', { method: 'POST', body: 'x'.repeat(64 * 1024 + 1) })

    expect(response.status).toBe(413)
  })
})
