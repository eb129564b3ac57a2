import { describe, expect, it } from 'vitest'
import { seeded } from '../../../demo/simulator/random.ts'
import { dense, openSimulator, texts, type SimulatorClient } from './simulator-client.ts'

const FAILED = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SOAP-ENV:Body>
    <ns1:successSyncLead>
      <result>
        <leadId>0</leadId>
        <syncStatus>
          <leadId>0</leadId>
          <status>FAILED</status>
          <error>Lead could not be saved</error>
        </syncStatus>
        <leadRecord xsi:nil="true"/>
      </result>
    </ns1:successSyncLead>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

const ANA = { email: 'ana@acme.example' }

describe('a fault that was asked for', () => {
  it('may be a number', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: 20013 })

    const answer = await simulator.sync(ANA)

    expect(answer.code).toBe('20013')
  })

  it.each([
    ['html502', 502, 'text/html; charset=utf-8', /<h1>502 Bad Gateway<\/h1>/],
    ['garbage', 200, 'text/xml; charset=utf-8', /<SOAP-ENV:Envelope(?![^]*<\/SOAP-ENV:Envelope)/],
    ['empty', 200, 'text/xml; charset=utf-8', /^$/],
    ['skipped', 200, 'text/xml; charset=utf-8', /<status>SKIPPED<\/status>/],
  ])('%s comes as such, nothing is written, and the log has its name', async (fault, status, type, text) => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault })

    const answer = await simulator.sync(ANA)

    expect(answer).toMatchObject({ status, type })
    expect(answer.body).toMatch(text)
    expect(await simulator.leads()).toEqual([])
    expect(await simulator.calls()).toMatchObject([{ ok: false, code: fault, leadId: null }])
  })

  it('failed is FAILED inside HTTP 200, in Marketo’s shape', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: 'failed' })

    const answer = await simulator.sync(ANA)

    expect(answer.status).toBe(200)
    expect(dense(answer.body)).toBe(dense(FAILED))
    expect(await simulator.leads()).toEqual([])
  })

  it('failed fails every lead of a syncMultipleLeads', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: 'failed' })

    const answer = await simulator.ask(
      'SyncMultipleLeads',
      '<leadRecordList><leadRecord><Email>a@acme.example</Email></leadRecord><leadRecord/></leadRecordList>',
    )

    expect(texts(answer.body, 'status')).toEqual(['FAILED', 'FAILED'])
    expect(answer.body).toContain('<ns1:successSyncMultipleLeads>')
    expect(await simulator.leads()).toEqual([])
  })

  it.each(['failed', 'skipped'])('%s is 20106 for a call that has no status for leads', async (fault) => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault })

    const answer = await simulator.ask('ListMObjects', '')

    expect(answer).toMatchObject({ status: 500, code: '20106' })
  })

  it('slow works for so long, and has nothing done before that time has passed', async () => {
    const waits: { ms: number; leads: number }[] = []
    const simulator = openSimulator({
      wait: async (ms) => void waits.push({ ms, leads: (await simulator.leads()).length }),
    })
    await simulator.control('/sim/faults', { fault: 'slow', ms: 1_500 })

    const answer = await simulator.sync(ANA)

    expect(waits).toEqual([{ ms: 1_500, leads: 0 }])
    expect(answer.done).toBe('CREATED')
    expect(await simulator.calls()).toMatchObject([{ ok: true, code: 'slow', leadId: 700001 }])
  })

  it('reset breaks the answer off where the runtime offers no way to break the connection', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: 'reset' })

    const answer = simulator.sync(ANA)

    await expect(answer).rejects.toThrow('The connection was reset.')
    expect(await simulator.leads()).toEqual([])
  })
})

describe('how many calls it meets', () => {
  it('is one when nothing is said', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: '20011' })

    const answers = [await simulator.sync(ANA), await simulator.sync(ANA)]

    expect(answers.map(({ code }) => code)).toEqual(['20011', undefined])
  })

  it('is as many as are named, and the next fault waits for its turn', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: '20011', times: 2 })
    await simulator.control('/sim/faults', { fault: '20106' })

    const answers = [
      await simulator.sync(ANA),
      await simulator.sync(ANA),
      await simulator.sync(ANA),
      await simulator.sync(ANA),
    ]

    expect(answers.map(({ code }) => code)).toEqual(['20011', '20011', '20106', undefined])
  })

  it('is a share of them at a rate', async () => {
    const throws = [0.1, 0.5, 0.49, 0.9]
    const simulator = openSimulator({ random: () => throws.shift() ?? 1 })
    await simulator.control('/sim/faults', { fault: '20011', rate: 0.5 })

    const answers = [
      await simulator.sync(ANA),
      await simulator.sync(ANA),
      await simulator.sync(ANA),
      await simulator.sync(ANA),
    ]

    expect(answers.map(({ code }) => code)).toEqual(['20011', undefined, '20011', undefined])
  })

  it('is every call at rate 1, until the faults are cleared', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: '20011', rate: 1 })
    const during = [await simulator.sync(ANA), await simulator.sync(ANA)]

    await simulator.app.request('/sim/faults', { method: 'DELETE' })
    const after = await simulator.sync(ANA)

    expect([...during, after].map(({ code }) => code)).toEqual(['20011', '20011', undefined])
  })

  it('is none of another operation', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: '20011', operation: 'getLead' })

    const answer = await simulator.sync(ANA)

    const waiting = await simulator.app.request('/sim/faults')
    expect(answer.done).toBe('CREATED')
    expect(await waiting.json()).toEqual([{ fault: '20011', operation: 'getLead', times: 1 }])
  })
})

describe('a mix of faults', () => {
  it('is asked for at once, all of it or nothing', async () => {
    const simulator = openSimulator()

    const taken = await simulator.control('/sim/faults', {
      faults: [
        { fault: 'reset', rate: 0.1 },
        { fault: 'slow', operation: 'getLead', ms: 9, rate: 0.5 },
        { fault: 20011 },
      ],
    })
    const refused = await simulator.control('/sim/faults', { faults: [{ fault: 'empty' }, { fault: 'nothing' }] })

    const waiting = await simulator.app.request('/sim/faults')
    expect([taken.status, refused.status]).toEqual([200, 400])
    expect(await waiting.json()).toEqual([
      { fault: 'reset', rate: 0.1 },
      { fault: 'slow', operation: 'getLead', ms: 9, rate: 0.5 },
      { fault: '20011', times: 1 },
    ])
  })

  it.each([
    [0, '20011'],
    [0.2999, '20011'],
    [0.3, '20106'],
    [0.5999, '20106'],
    [0.6, '20101'],
    [0.8999, '20101'],
    [0.9, undefined],
  ])('gives each its share of one throw: %d is %s', async (thrown, code) => {
    const simulator = openSimulator({ random: () => thrown })
    const faults = ['20011', '20106', '20101'].map((fault) => ({ fault, rate: 0.3 }))
    await simulator.control('/sim/faults', { faults })

    const answer = await simulator.sync(ANA)

    expect(answer.code).toBe(code)
  })

  it('counts for a call only what is for its operation', async () => {
    const simulator = openSimulator({ random: () => 0.5 })
    await simulator.control('/sim/faults', {
      faults: [
        { fault: '20011', rate: 0.9, operation: 'getLead' },
        { fault: '20106', rate: 0.6, operation: 'syncLead' },
      ],
    })

    const answer = await simulator.sync(ANA)

    expect(answer.code).toBe('20106')
  })

  it('may add up to all calls, also where 0.2, 0.4, 0.3 and 0.1 are a little more than 1', async () => {
    const simulator = openSimulator()

    const taken = await simulator.control('/sim/faults', {
      faults: [0.2, 0.4, 0.3, 0.1].map((rate) => ({ fault: '20011', rate })),
    })

    expect(taken.status).toBe(200)
  })

  it('gives the right of way to what was asked for first, where rates of several requests go beyond 1', async () => {
    const simulator = openSimulator({ random: () => 0.99 })
    await simulator.control('/sim/faults', { fault: '20011', rate: 1 })
    await simulator.control('/sim/faults', { fault: '20106', rate: 1 })

    const answer = await simulator.sync(ANA)

    expect(answer.code).toBe('20011')
  })
})

describe('a seed', () => {
  const MIX = [
    { fault: '20011', rate: 0.25 },
    { fault: '20106', rate: 0.25 },
  ]

  it('repeats the same faults, call for call, whatever came before', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { faults: MIX, seed: 7 })
    const first = await codes(simulator, 40)

    await simulator.app.request('/sim/faults', { method: 'DELETE' })
    await simulator.control('/sim/faults', { faults: MIX, seed: 7 })
    const again = await codes(simulator, 40)
    const elsewhere = openSimulator()
    await elsewhere.control('/sim/faults', { ...MIX[0], seed: 7 })
    await elsewhere.control('/sim/faults', { ...MIX[1] })

    expect(again).toEqual(first)
    expect(await codes(elsewhere, 40)).toEqual(first)
    expect(new Set(first)).toEqual(new Set(['20011', '20106', undefined]))
  })

  it('that is another gives others', async () => {
    const one = openSimulator()
    const other = openSimulator()
    await one.control('/sim/faults', { faults: MIX, seed: 0 })
    await other.control('/sim/faults', { faults: MIX, seed: 1 })

    const [first, second] = [await codes(one, 40), await codes(other, 40)]

    expect(first).not.toEqual(second)
  })

  it.each(['/sim/faults', '/sim/reset'])('is forgotten when the faults are taken back by %s', async (path) => {
    const simulator = openSimulator({ random: () => 0.99 })
    await simulator.control('/sim/faults', { faults: MIX, seed: 7 })

    await simulator.app.request(path, { method: path === '/sim/reset' ? 'POST' : 'DELETE' })
    await simulator.control('/sim/faults', { faults: MIX })

    expect(new Set(await codes(simulator, 40))).toEqual(new Set([undefined]))
  })

  it('gives each fault its share', () => {
    const random = seeded(2_026)
    const thrown = Array.from({ length: 100_000 }, random)

    const tenths = Array.from({ length: 10 }, (_, tenth) => thrown.filter((n) => Math.floor(n * 10) === tenth).length)

    expect(Math.min(...tenths)).toBeGreaterThan(9_700)
    expect(Math.max(...tenths)).toBeLessThan(10_300)
  })
})

async function codes(simulator: SimulatorClient, calls: number): Promise<(string | undefined)[]> {
  const met: (string | undefined)[] = []
  for (let call = 0; call < calls; call += 1) met.push((await simulator.sync(ANA)).code)
  return met
}
