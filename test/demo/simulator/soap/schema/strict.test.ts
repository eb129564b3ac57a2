import { describe, expect, it } from 'vitest'
import { message, openSimulator, type SimulatorClient } from '../../simulator-client.ts'

const RECORD = '<leadRecord><Email>ana@acme.example</Email></leadRecord>'
const FALSE = '<returnLead>false</returnLead>'
const COOKIE = '<marketoCookie>chocolate</marketoCookie>'
const SYNC = RECORD + FALSE
const NIL = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"'
const EXTRA_HEADER = '<ns1:MktowsContextHeader><targetWorkspace>Default</targetWorkspace></ns1:MktowsContextHeader>'

describe('strict mode rejects a message that violates the schema, with the path in the fault:', () => {
  it.each([
    ['another order', FALSE + RECORD, '20012', 'paramsSyncLead/leadRecord must come before returnLead'],
    ['the cookie too early', RECORD + COOKIE + FALSE, '20012', 'returnLead must come before marketoCookie'],
    ['an element twice', SYNC + FALSE, '20012', 'paramsSyncLead/returnLead occurs twice'],
    ['an unknown element', `${SYNC}<something/>`, '20012', 'paramsSyncLead/something is not in the schema'],
    [
      'an element in the wrong case',
      SYNC.replace('<Email>', '<id>1</id><Email>'),
      '20012',
      'paramsSyncLead/leadRecord/id is not in the schema',
    ],
    [
      'the cookie inside the record',
      `<leadRecord><Email>a@b.c</Email>${COOKIE}</leadRecord>${FALSE}`,
      '20012',
      'paramsSyncLead/leadRecord/marketoCookie is not in the schema',
    ],
    [
      'a qualified element',
      SYNC.replaceAll('returnLead', 'ns1:returnLead'),
      '20012',
      'paramsSyncLead/returnLead must not have a namespace',
    ],
    ['text between elements', `${SYNC}hello`, '20012', 'paramsSyncLead contains text between its elements'],
    [
      'elements in place of text',
      RECORD + '<returnLead><b/></returnLead>',
      '20012',
      'returnLead must contain only text',
    ],
    ['an invalid boolean', RECORD + '<returnLead>no</returnLead>', '20012', 'returnLead is not a valid boolean'],
    ['an invalid Id', `<leadRecord><Id>me</Id></leadRecord>${FALSE}`, '20012', 'leadRecord/Id is not a valid int'],
    [
      'a value outside of an enumeration',
      `<leadRecord><ForeignSysType>SAP</ForeignSysType></leadRecord>${FALSE}`,
      '20012',
      'ForeignSysType must be one of CUSTOM, SFDC, NETSUITE',
    ],
    [
      'nil for an element that must have a value',
      `${RECORD}<returnLead ${NIL}/>`,
      '20012',
      'returnLead must not be nil',
    ],
    ['a missing element', RECORD, '20017', 'paramsSyncLead/returnLead is missing'],
    [
      'a missing nested element',
      `<leadRecord><leadAttributeList><attribute><attrName>City</attrName></attribute></leadAttributeList></leadRecord>${FALSE}`,
      '20017',
      'leadAttributeList/attribute/attrValue is missing',
    ],
  ])('%s', async (_, params, code, what) => {
    const simulator = openSimulator({ strict: true })

    const answer = await simulator.post(message({ params }))

    expect(answer).toMatchObject({ status: 500, code })
    expect(answer.body).toContain(what)
    expect(await simulator.leads()).toEqual([])
  })

  it('a context header on an operation without one', async () => {
    const simulator = openSimulator({ strict: true })

    const answer = await simulator.post(message({ root: 'paramsListMObjects', context: EXTRA_HEADER }))

    expect(answer.body).toContain('MktowsContextHeader is not a header of listMObjects (20012)')
  })

  it('an authentication header with an additional element', async () => {
    const simulator = openSimulator({ strict: true })
    const sent = message({ params: SYNC }).replace('<mktowsUserId>', '<partnerId>x</partnerId><mktowsUserId>')

    const answer = await simulator.post(sent)

    expect(answer.body).toContain('AuthenticationHeader/partnerId is not in the schema (20012)')
  })
})

describe('strict mode accepts', () => {
  it.each([
    ['a message that conforms to the schema', SYNC + COOKIE],
    [
      'nil for an element that may be nil',
      `<leadRecord><Email>a@b.c</Email><ForeignSysType ${NIL}/></leadRecord>${FALSE}`,
    ],
    [
      'several attributes',
      `<leadRecord><Email>a@b.c</Email><leadAttributeList>${'<attribute><attrName>City</attrName><attrType>string</attrType><attrValue/></attribute>'.repeat(2)}</leadAttributeList></leadRecord>${FALSE}`,
    ],
  ])('%s', async (_, params) => {
    const simulator = openSimulator({ strict: true })

    const answer = await simulator.post(message({ params, context: EXTRA_HEADER }))

    expect(answer.done).toBe('CREATED')
  })
})

describe('without strict mode', () => {
  it.each([
    ['any order is accepted', FALSE + RECORD],
    ['unknown elements are ignored', `${SYNC}<something/>`],
    ['an element may have a namespace', SYNC.replaceAll('returnLead', 'ns1:returnLead')],
  ])('%s', async (_, params) => {
    const simulator = openSimulator()

    const answer = await simulator.post(message({ params }))

    expect(answer.done).toBe('CREATED')
  })
})

describe('/sim/strict', () => {
  it('turns strict mode on and off, and a reset restores the initial setting', async () => {
    const simulator = openSimulator({ strict: true })
    const isLenient = async (): Promise<boolean> => (await answerTo(simulator, FALSE + RECORD)) === undefined

    const first = await isLenient()
    const response = await simulator.control('/sim/strict', { strict: false })
    const second = await isLenient()
    await simulator.app.request('/sim/reset', { method: 'POST' })
    const third = await isLenient()

    expect(await response.json()).toEqual({ strict: false })
    expect([first, second, third]).toEqual([false, true, false])
  })
})

async function answerTo(simulator: SimulatorClient, params: string): Promise<string | undefined> {
  return (await simulator.post(message({ params }))).code
}
