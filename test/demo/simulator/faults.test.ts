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

describe('a requested fault', () => {
  it('may be given as a number', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: 20013 })

    const answer = await simulator.sync(ANA)

    expect(answer.code).toBe('20013')
  })

  it.each([
    ['html502', 502, 'text/html; charset=utf-8', /<h1>502 Bad Gateway<\/h1>/],
    ['html401', 401, 'text/html; charset=utf-8', /<h1>401 Unauthorized<\/h1>/],
    ['html403', 403, 'text/html; charset=utf-8', /<h1>403 Forbidden<\/h1>/],
    ['html404', 404, 'text/html; charset=utf-8', /<h1>404 Not Found<\/h1>/],
    ['html503', 503, 'text/html; charset=utf-8', /<h1>503 Service Unavailable<\/h1>/],
    ['redirect', 302, 'text/html; charset=utf-8', /<h1>302 Found<\/h1>/],
    ['garbage', 200, 'text/xml; charset=utf-8', /<SOAP-ENV:Envelope(?![^]*<\/SOAP-ENV:Envelope)/],
    ['empty', 200, 'text/xml; charset=utf-8', /^$/],
    ['skipped', 200, 'text/xml; charset=utf-8', /<status>SKIPPED<\/status>/],
  ])('%s is answered as documented, writes nothing and is recorded by name', async (fault, status, type, text) => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault })

    const answer = await simulator.sync(ANA)

    expect(answer).toMatchObject({ status, type })
    expect(answer.body).toMatch(text)
    expect(await simulator.leads()).toEqual([])
    expect(await simulator.calls()).toMatchObject([{ ok: false, code: fault, leadId: null }])
  })

  it('failed is answered with FAILED and HTTP 200, in Marketo’s format', async () => {
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

  it.each(['failed', 'skipped'])('%s is answered 20106 for a call without statuses', async (fault) => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault })

    const answer = await simulator.ask('ListMObjects', '')

    expect(answer).toMatchObject({ status: 500, code: '20106' })
  })

  it('slow takes the given time and writes at its end', async () => {
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

  it('reset ends the answer with an error if the runtime cannot break the connection', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: 'reset' })

    const answer = simulator.sync(ANA)

    await expect(answer).rejects.toThrow('The connection was reset.')
    expect(await simulator.leads()).toEqual([])
  })
})

describe('the number of calls that get a fault', () => {
  it('is one by default', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: '20011' })

    const answers = [await simulator.sync(ANA), await simulator.sync(ANA)]

    expect(answers.map(({ code }) => code)).toEqual(['20011', undefined])
  })

  it('is the given number, and the next fault applies after that', async () => {
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

  it('depends on the random numbers if a rate is given', async () => {
    const draws = [0.1, 0.5, 0.49, 0.9]
    const simulator = openSimulator({ random: () => draws.shift() ?? 1 })
    await simulator.control('/sim/faults', { fault: '20011', rate: 0.5 })

    const answers = [
      await simulator.sync(ANA),
      await simulator.sync(ANA),
      await simulator.sync(ANA),
      await simulator.sync(ANA),
    ]

    expect(answers.map(({ code }) => code)).toEqual(['20011', undefined, '20011', undefined])
  })

  it('is every call at rate 1 until the faults are removed', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: '20011', rate: 1 })
    const during = [await simulator.sync(ANA), await simulator.sync(ANA)]

    await simulator.app.request('/sim/faults', { method: 'DELETE' })
    const after = await simulator.sync(ANA)

    expect([...during, after].map(({ code }) => code)).toEqual(['20011', '20011', undefined])
  })

  it('does not include calls whose message lacks the given text, and comes before later faults where it has it', async () => {
    const simulator = openSimulator({ random: () => 0 })
    const rule = { fault: 'html403', text: '../../etc', rate: 1 }
    const accepted = await simulator.control('/sim/faults', { faults: [rule, { fault: '20106', rate: 1 }] })

    const answers = [
      await simulator.sync({ ...ANA, attributes: { Company: '../../etc/passwd' } }),
      await simulator.sync(ANA),
    ]

    expect(accepted.status).toBe(200)
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [403, undefined],
      [500, '20106'],
    ])
  })

  it('is refused with an empty text', async () => {
    const simulator = openSimulator()

    const refused = await simulator.control('/sim/faults', { fault: 'html403', text: '' })

    expect(refused.status).toBe(400)
  })

  it('does not include calls of another operation', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault: '20011', operation: 'getLead' })

    const answer = await simulator.sync(ANA)

    const pending = await simulator.app.request('/sim/faults')
    expect(answer.done).toBe('CREATED')
    expect(await pending.json()).toEqual([{ fault: '20011', operation: 'getLead', times: 1 }])
  })
})

describe('a mix of faults', () => {
  it('is accepted or rejected as a whole', async () => {
    const simulator = openSimulator()

    const accepted = await simulator.control('/sim/faults', {
      faults: [
        { fault: 'reset', rate: 0.1 },
        { fault: 'slow', operation: 'getLead', ms: 9, rate: 0.5 },
        { fault: 20011 },
      ],
    })
    const rejected = await simulator.control('/sim/faults', { faults: [{ fault: 'empty' }, { fault: 'nothing' }] })

    const pending = await simulator.app.request('/sim/faults')
    expect([accepted.status, rejected.status]).toEqual([200, 400])
    expect(await pending.json()).toEqual([
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
  ])('chooses among the faults with one random number: %d gives %s', async (drawn, code) => {
    const simulator = openSimulator({ random: () => drawn })
    const faults = ['20011', '20106', '20101'].map((fault) => ({ fault, rate: 0.3 }))
    await simulator.control('/sim/faults', { faults })

    const answer = await simulator.sync(ANA)

    expect(answer.code).toBe(code)
  })

  it('considers only the faults for the operation of the call', async () => {
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

  it('may have rates that add up to 1 only after rounding, such as 0.2, 0.4, 0.3 and 0.1', async () => {
    const simulator = openSimulator()

    const accepted = await simulator.control('/sim/faults', {
      faults: [0.2, 0.4, 0.3, 0.1].map((rate) => ({ fault: '20011', rate })),
    })

    expect(accepted.status).toBe(200)
  })

  it('prefers the fault that was requested first if the rates of several requests exceed 1', async () => {
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

  it('repeats the same faults call by call, regardless of earlier calls', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { faults: MIX, seed: 7 })
    const first = await codes(simulator, 40)

    await simulator.app.request('/sim/faults', { method: 'DELETE' })
    await simulator.control('/sim/faults', { faults: MIX, seed: 7 })
    const repeated = await codes(simulator, 40)
    const other = openSimulator()
    await other.control('/sim/faults', { ...MIX[0], seed: 7 })
    await other.control('/sim/faults', { ...MIX[1] })

    expect(repeated).toEqual(first)
    expect(await codes(other, 40)).toEqual(first)
    expect(new Set(first)).toEqual(new Set(['20011', '20106', undefined]))
  })

  it('with another value gives other faults', async () => {
    const one = openSimulator()
    const other = openSimulator()
    await one.control('/sim/faults', { faults: MIX, seed: 0 })
    await other.control('/sim/faults', { faults: MIX, seed: 1 })

    const [first, second] = [await codes(one, 40), await codes(other, 40)]

    expect(first).not.toEqual(second)
  })

  it.each(['/sim/faults', '/sim/reset'])('is removed with the faults by %s', async (path) => {
    const simulator = openSimulator({ random: () => 0.99 })
    await simulator.control('/sim/faults', { faults: MIX, seed: 7 })

    await simulator.app.request(path, { method: path === '/sim/reset' ? 'POST' : 'DELETE' })
    await simulator.control('/sim/faults', { faults: MIX })

    expect(new Set(await codes(simulator, 40))).toEqual(new Set([undefined]))
  })

  it('gives uniformly distributed numbers', () => {
    const random = seeded(2_026)
    const numbers = Array.from({ length: 100_000 }, random)

    const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((n) => Math.floor(n * 10) === tenth).length)

    expect(Math.min(...tenths)).toBeGreaterThan(9_700)
    expect(Math.max(...tenths)).toBeLessThan(10_300)
  })
})

async function codes(simulator: SimulatorClient, calls: number): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = []
  for (let call = 0; call < calls; call += 1) all.push((await simulator.sync(ANA)).code)
  return all
}
