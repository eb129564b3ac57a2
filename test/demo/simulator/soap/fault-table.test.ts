/** Every code of Marketo's SOAP error table: as an injected fault, and where the simulator itself produces it. */
import { describe, expect, it } from 'vitest'
import { leadKey, message, openSimulator, START, type Answer, type SimulatorClient } from '../simulator-client.ts'

const EMAIL = '<Email>ana@acme.example</Email>'
const FALSE = '<returnLead>false</returnLead>'
const SYNC = message({ params: `<leadRecord>${EMAIL}</leadRecord>${FALSE}` })

describe('an injected SOAP fault has HTTP 500 and the captured format, and nothing is written', () => {
  it.each([
    ['10001', 'Internal Error', 'a severe failure of the system'],
    ['20011', 'Internal Error', 'a failure of the API service'],
    ['20012', 'Request Not Understood', 'an unexpected message'],
    ['20013', 'Access Denied', 'the client is blocked'],
    ['20014', 'Authentication failed', 'a wrong user or signature'],
    ['20015', 'Request Limit Exceeded', 'the quota of the day is used up'],
    ['20016', 'Request Expired', 'the stamp is too old'],
    ['20017', 'Invalid Request', 'an expected parameter is missing'],
    ['20018', 'Bad Encoding', 'the message is not in UTF-8'],
    ['20019', 'Unsupported Operation', 'a call that this version does not have'],
    ['20022', 'Time range exceeded', 'more than 30 days in a query'],
    ['20023', 'Rate Limit Exceeded', 'too many calls in 20 seconds'],
    ['20024', 'Concurrency Limit Exceeded', 'too many calls at once'],
    ['20101', 'Lead Key Required', 'no key'],
    ['20102', 'Lead Key Bad', 'an unknown type of key'],
    ['20103', 'Lead not found', 'nobody has that key'],
    ['20104', 'Lead Detail Required', 'no lead record'],
    ['20105', 'Unknown lead field', 'an unknown attribute'],
    ['20106', 'Lead Sync Failed', 'the lead could not be created or updated'],
    ['20107', 'Activity Key Bad', 'an unknown activity'],
    ['20108', 'Lead Owner Not Found', 'an unknown owner'],
    ['20109', 'Parameter Required', 'a parameter is nil or missing'],
    ['20110', 'Input error', 'a bad parameter'],
    ['20111', 'List Not Found', 'an unknown list'],
    ['20113', 'Campaign Not Found', 'an unknown campaign'],
    ['20114', 'Bad Parameter', 'a bad parameter'],
    ['20122', 'Bad Stream Position', 'an invalid position for paging'],
    ['20123', 'Stream at End', 'paging past the end'],
  ])('%s %s: %s', async (fault, name) => {
    const simulator = openSimulator()
    await simulator.control('/sim/faults', { fault })

    const answer = await simulator.post(SYNC)

    expect(answer).toMatchObject({ status: 500, type: 'text/xml; charset=utf-8', code: fault })
    expect(answer.body).toMatch(shapeOf(fault, name))
    expect(await simulator.leads()).toEqual([])
    expect(await simulator.calls()).toMatchObject([{ ok: false, code: fault, leadId: null }])
  })
})

describe('the simulator itself answers with HTTP 500 and the same format', () => {
  it.each<[string, string, string, (simulator: SimulatorClient) => Promise<Answer>]>([
    ['20012', 'Request Not Understood', 'the message is not XML', (simulator) => simulator.post('hello')],
    [
      '20014',
      'Authentication failed',
      'the signature was made with another key',
      (simulator) => simulator.post(message({ secretKey: 'another key' })),
    ],
    ['20015', 'Request Limit Exceeded', 'the day’s calls are used up', (simulator) => limited(simulator, { daily: 0 })],
    [
      '20016',
      'Request Expired',
      'the stamp is five minutes and a second old',
      (simulator) => simulator.post(message({ now: START - 301_000 })),
    ],
    [
      '20017',
      'Invalid Request',
      'an element is missing in strict mode',
      async (simulator) => {
        await simulator.control('/sim/strict', { strict: true })
        return simulator.ask('GetLead', '')
      },
    ],
    [
      '20018',
      'Bad Encoding',
      'the message is in Latin-1',
      (simulator) => simulator.post(Uint8Array.from(SYNC.replace('ana@', 'zoë@'), (letter) => letter.charCodeAt(0))),
    ],
    ['20019', 'Unsupported Operation', 'the operation is unknown', (simulator) => simulator.ask('MergeLeads', '')],
    ['20023', 'Rate Limit Exceeded', 'the rate limit is reached', (simulator) => limited(simulator, { ratePer20s: 0 })],
    [
      '20024',
      'Concurrency Limit Exceeded',
      'the concurrency limit is reached',
      (simulator) => limited(simulator, { concurrency: 0 }),
    ],
    [
      '20101',
      'Lead Key Required',
      'a record has no key',
      (simulator) => simulator.ask('SyncLead', `<leadRecord/>${FALSE}`),
    ],
    [
      '20102',
      'Lead Key Bad',
      'the type of a key is unknown',
      (simulator) => simulator.ask('GetLead', leadKey('PHONE', 1)),
    ],
    ['20103', 'Lead not found', 'nobody has that Id', (simulator) => simulator.sync({ id: 42 })],
    ['20104', 'Lead Detail Required', 'there is no record', (simulator) => simulator.ask('SyncLead', FALSE)],
    [
      '20105',
      'Unknown lead field',
      'an attribute is unknown',
      (simulator) => simulator.sync({ email: 'ana@acme.example', attributes: { Tide__c: '1' } }),
    ],
    [
      '20108',
      'Lead Owner Not Found',
      'a key refers to a lead’s owner',
      (simulator) => simulator.ask('GetLead', leadKey('LEADOWNEREMAIL', 'sales@acme.example')),
    ],
    [
      '20109',
      'Parameter Required',
      'returnLead is missing',
      (simulator) => simulator.ask('SyncLead', `<leadRecord>${EMAIL}</leadRecord>`),
    ],
    [
      '20110',
      'Input error',
      'an object is unknown',
      (simulator) => simulator.ask('DescribeMObject', '<objectName>Boat</objectName>'),
    ],
    [
      '20111',
      'List Not Found',
      'a list is unknown',
      (simulator) =>
        simulator.ask(
          'ListOperation',
          `<listOperation>ADDTOLIST</listOperation><listKey><keyType>MKTOLISTNAME</keyType><keyValue>Boats</keyValue></listKey><listMemberList>${leadKey('IDNUM', 1)}</listMemberList>`,
        ),
    ],
    [
      '20113',
      'Campaign Not Found',
      'a campaign is unknown',
      (simulator) =>
        simulator.ask(
          'RequestCampaign',
          `<source>MKTOWS</source><campaignId>1</campaignId><leadList>${leadKey('IDNUM', 1)}</leadList>`,
        ),
    ],
    [
      '20114',
      'Bad Parameter',
      'there are more than 300 leads',
      (simulator) =>
        simulator.ask('SyncMultipleLeads', `<leadRecordList>${'<leadRecord/>'.repeat(301)}</leadRecordList>`),
    ],
  ])('%s %s: if %s', async (code, name, _, provoke) => {
    const simulator = openSimulator()

    const answer = await provoke(simulator)

    expect(answer).toMatchObject({ status: 500, type: 'text/xml; charset=utf-8', code })
    expect(answer.body).toMatch(shapeOf(code, name))
    expect(await simulator.leads()).toEqual([])
  })
})

async function limited(simulator: SimulatorClient, limit: Record<string, number>): Promise<Answer> {
  await simulator.control('/sim/limits', limit)
  return simulator.post(SYNC)
}

/** Returns the captured format with this code and name, and any message. */
function shapeOf(code: string, name: string): RegExp {
  return new RegExp(
    '^<\\?xml version="1.0" encoding="UTF-8"\\?>\\n' +
      '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault>' +
      `<faultcode>SOAP-ENV:Client</faultcode><faultstring>${code} - ${name}</faultstring>` +
      '<detail><ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/">' +
      `<name>mktServiceException</name><message>[^<]+ \\(${code}\\)</message><code>${code}</code>` +
      '</ns1:serviceException></detail></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>$',
  )
}
