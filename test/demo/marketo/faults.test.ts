import { describe, expect, it } from 'vitest'
import { dense, openSimulator, texts } from './talk.ts'

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
    await simulator.tell('/sim/faults', { fault: 20013 })

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
    await simulator.tell('/sim/faults', { fault })

    const answer = await simulator.sync(ANA)

    expect(answer).toMatchObject({ status, type })
    expect(answer.body).toMatch(text)
    expect(await simulator.leads()).toEqual([])
    expect(await simulator.calls()).toMatchObject([{ ok: false, code: fault, leadId: null }])
  })

  it('failed is FAILED inside HTTP 200, in Marketo’s shape', async () => {
    const simulator = openSimulator()
    await simulator.tell('/sim/faults', { fault: 'failed' })

    const answer = await simulator.sync(ANA)

    expect(answer.status).toBe(200)
    expect(dense(answer.body)).toBe(dense(FAILED))
    expect(await simulator.leads()).toEqual([])
  })

  it('failed fails every lead of a syncMultipleLeads', async () => {
    const simulator = openSimulator()
    await simulator.tell('/sim/faults', { fault: 'failed' })

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
    await simulator.tell('/sim/faults', { fault })

    const answer = await simulator.ask('ListMObjects', '')

    expect(answer).toMatchObject({ status: 500, code: '20106' })
  })

  it('slow answers late and does the work', async () => {
    const waits: number[] = []
    const simulator = openSimulator({ wait: (ms) => Promise.resolve(void waits.push(ms)) })
    await simulator.tell('/sim/faults', { fault: 'slow', ms: 1_500 })

    const answer = await simulator.sync(ANA)

    expect(waits).toEqual([1_500])
    expect(answer.done).toBe('CREATED')
    expect(await simulator.calls()).toMatchObject([{ ok: true, code: 'slow', leadId: 700001 }])
  })

  it('reset breaks the answer off where the runtime offers no way to break the connection', async () => {
    const simulator = openSimulator()
    await simulator.tell('/sim/faults', { fault: 'reset' })

    const answer = simulator.sync(ANA)

    await expect(answer).rejects.toThrow('The connection was reset.')
    expect(await simulator.leads()).toEqual([])
  })
})

describe('how many calls it meets', () => {
  it('is one when nothing is said', async () => {
    const simulator = openSimulator()
    await simulator.tell('/sim/faults', { fault: '20011' })

    const answers = [await simulator.sync(ANA), await simulator.sync(ANA)]

    expect(answers.map(({ code }) => code)).toEqual(['20011', undefined])
  })

  it('is as many as are named, and the next fault waits for its turn', async () => {
    const simulator = openSimulator()
    await simulator.tell('/sim/faults', { fault: '20011', times: 2 })
    await simulator.tell('/sim/faults', { fault: '20106' })

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
    await simulator.tell('/sim/faults', { fault: '20011', rate: 0.5 })

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
    await simulator.tell('/sim/faults', { fault: '20011', rate: 1 })
    const during = [await simulator.sync(ANA), await simulator.sync(ANA)]

    await simulator.app.request('/sim/faults', { method: 'DELETE' })
    const after = await simulator.sync(ANA)

    expect([...during, after].map(({ code }) => code)).toEqual(['20011', '20011', undefined])
  })

  it('is none of another operation', async () => {
    const simulator = openSimulator()
    await simulator.tell('/sim/faults', { fault: '20011', operation: 'getLead' })

    const answer = await simulator.sync(ANA)

    const waiting = await simulator.app.request('/sim/faults')
    expect(answer.done).toBe('CREATED')
    expect(await waiting.json()).toEqual([{ fault: '20011', operation: 'getLead', times: 1 }])
  })
})
