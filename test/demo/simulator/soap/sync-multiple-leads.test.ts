import { describe, expect, it } from 'vitest'
import { dense, element, openSimulator, texts, type Answer, type SimulatorClient } from '../simulator-client.ts'

const ANSWER = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SOAP-ENV:Body>
    <ns1:successSyncMultipleLeads>
      <result>
        <syncStatusList>
          <syncStatus><leadId>700001</leadId><status>UPDATED</status><error xsi:nil="true"/></syncStatus>
          <syncStatus><leadId>0</leadId><status>FAILED</status><error>No lead found with IDNUM = 42 (20103)</error></syncStatus>
          <syncStatus><leadId>700002</leadId><status>CREATED</status><error xsi:nil="true"/></syncStatus>
        </syncStatusList>
      </result>
    </ns1:successSyncMultipleLeads>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

const ANA = '<leadRecord><Email>ana@acme.example</Email></leadRecord>'
const EVA = '<leadRecord><Email>eva@acme.example</Email></leadRecord>'

describe('syncMultipleLeads', () => {
  it('returns a status for each lead, in order', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })

    const answer = await syncAll(simulator, `${ANA}<leadRecord><Id>42</Id></leadRecord>${EVA}`)

    const leads = await simulator.leads()
    expect(dense(answer.body)).toBe(dense(ANSWER))
    expect(leads.map(({ email }) => email)).toEqual(['ana@acme.example', 'eva@acme.example'])
  })

  it.each([
    ['without a key', '<leadRecord/>', 'Lead key required (20101)'],
    ['with an Id that is not a number', '<leadRecord><Id>me</Id></leadRecord>', 'Id is not a number (20102)'],
    [
      'with an invalid value',
      `<leadRecord><Email>a@acme.example</Email>${attribute('Berths__c', 'many')}</leadRecord>`,
      'Berths__c is not a valid integer (20110)',
    ],
  ])('fails a lead %s and writes the next', async (_, bad, error) => {
    const simulator = openSimulator()

    const answer = await syncAll(simulator, bad + EVA)

    expect(texts(answer.body, 'status')).toEqual(['FAILED', 'CREATED'])
    expect(texts(answer.body, 'error')).toEqual([error])
  })

  it('rejects the whole call with 20105 and all names of unknown attributes', async () => {
    const simulator = openSimulator()
    const records = [attribute('Tide__c', '1'), attribute('Ebb__c', '1'), attribute('Tide__c', '2')]
      .map((list) => `<leadRecord><Email>a@acme.example</Email>${list}</leadRecord>`)
      .join('')

    const answer = await syncAll(simulator, ANA + records)

    expect(answer).toMatchObject({ status: 500, code: '20105' })
    expect(answer.body).toContain(
      'syncMultipleLeads operation failed: unknown fields for import: Tide__c, Ebb__c (20105)',
    )
    expect(await simulator.leads()).toEqual([])
  })

  it('uses the address only as a key: a lead found by foreign id keeps its own', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })
    const foreignId = element('ForeignSysPersonId', 'F1') + element('ForeignSysType', 'CUSTOM')

    await syncAll(simulator, `<leadRecord><Email>new@acme.example</Email>${foreignId}</leadRecord>`)
    const kept = await simulator.leads()
    await syncAll(
      simulator,
      `<leadRecord><Email>new@acme.example</Email>${foreignId}${attribute('Email', 'new@acme.example')}</leadRecord>`,
    )
    const changed = await simulator.leads()

    expect([kept, changed].map(([lead]) => lead?.email)).toEqual(['ana@acme.example', 'new@acme.example'])
  })

  it.each([
    ['finds leads by address by default', '', ['UPDATED', 'UPDATED'], 1],
    ['finds leads by address with dedupEnabled', '<dedupEnabled>true</dedupEnabled>', ['UPDATED', 'UPDATED'], 1],
    [
      'creates a lead for each record if dedupEnabled is false',
      '<dedupEnabled>false</dedupEnabled>',
      ['CREATED', 'CREATED'],
      3,
    ],
  ])('%s', async (_, dedup, statuses, people) => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })

    const answer = await syncAll(simulator, ANA + ANA, dedup)

    expect(texts(answer.body, 'status')).toEqual(statuses)
    expect(await simulator.leads()).toHaveLength(people)
  })

  it('accepts 300 leads and answers 20114 to 301', async () => {
    const simulator = openSimulator()
    const records = Array.from({ length: 300 }, (_, n) => `<leadRecord><Email>${n}@acme.example</Email></leadRecord>`)

    const tooMany = await syncAll(simulator, [...records, EVA].join(''))
    const enough = await syncAll(simulator, records.join(''))

    expect(tooMany.code).toBe('20114')
    expect(texts(enough.body, 'status')).toHaveLength(300)
    expect(await simulator.leads()).toHaveLength(300)
  })

  it.each([
    ['20104 without a lead', ''],
    ['20110 with an invalid dedupEnabled', `${ANA}</leadRecordList><dedupEnabled>maybe</dedupEnabled><leadRecordList>`],
  ])('answers %s', async (title, records) => {
    const simulator = openSimulator()

    const answer = await syncAll(simulator, records)

    expect(answer.code).toBe(title.slice(0, 5))
  })

  it('ignores a cookie', async () => {
    const simulator = openSimulator()

    await syncAll(simulator, `${ANA}<marketoCookie>id:123-ABC-456&amp;token:x</marketoCookie>`)

    const [lead] = await simulator.leads()
    expect(lead?.cookies).toEqual([])
  })
})

function attribute(name: string, value: string): string {
  return `<leadAttributeList><attribute>${element('attrName', name)}${element('attrValue', value)}</attribute></leadAttributeList>`
}

function syncAll(simulator: SimulatorClient, records: string, dedup = ''): Promise<Answer> {
  return simulator.ask('SyncMultipleLeads', `<leadRecordList>${records}</leadRecordList>${dedup}`)
}
