import { describe, expect, it } from 'vitest'
import { message, openSimulator, type SimulatorClient } from '../../simulator-client.ts'

const RECORD = '<leadRecord><Email>ana@acme.example</Email></leadRecord>'
const FALSE = '<returnLead>false</returnLead>'
const COOKIE = '<marketoCookie>chocolate</marketoCookie>'
const SYNC = RECORD + FALSE
const NIL = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"'
const EXTRA_HEADER = '<ns1:MktowsContextHeader><targetWorkspace>Default</targetWorkspace></ns1:MktowsContextHeader>'

describe('strict: a message that is not what the schema says is refused, and the fault says what', () => {
  it.each([
    ['another order', FALSE + RECORD, '20012', 'paramsSyncLead/leadRecord must stand before returnLead'],
    ['the cookie too early', RECORD + COOKIE + FALSE, '20012', 'returnLead must stand before marketoCookie'],
    ['an element twice', SYNC + FALSE, '20012', 'paramsSyncLead/returnLead stands there twice'],
    ['an unknown element', `${SYNC}<something/>`, '20012', 'paramsSyncLead/something is not in the schema'],
    [
      'a mis-cased element',
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
      'paramsSyncLead/returnLead must be in no namespace',
    ],
    ['text between elements', `${SYNC}hello`, '20012', 'paramsSyncLead holds text between its elements'],
    [
      'elements where text must be',
      RECORD + '<returnLead><b/></returnLead>',
      '20012',
      'returnLead must hold text alone',
    ],
    ['a boolean that is none', RECORD + '<returnLead>no</returnLead>', '20012', 'returnLead is no boolean'],
    ['an Id that is no number', `<leadRecord><Id>me</Id></leadRecord>${FALSE}`, '20012', 'leadRecord/Id is no int'],
    [
      'a value of another list',
      `<leadRecord><ForeignSysType>SAP</ForeignSysType></leadRecord>${FALSE}`,
      '20012',
      'ForeignSysType is none of CUSTOM, SFDC, NETSUITE',
    ],
    ['nil where it is not allowed', `${RECORD}<returnLead ${NIL}/>`, '20012', 'returnLead must not be nil'],
    ['a missing element', RECORD, '20017', 'paramsSyncLead/returnLead is missing'],
    [
      'a missing element deep inside',
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

  it('a context header on a call that has none', async () => {
    const simulator = openSimulator({ strict: true })

    const answer = await simulator.post(message({ root: 'paramsListMObjects', context: EXTRA_HEADER }))

    expect(answer.body).toContain('MktowsContextHeader is no header of listMObjects (20012)')
  })

  it('an authentication header with something else in it', async () => {
    const simulator = openSimulator({ strict: true })
    const sent = message({ params: SYNC }).replace('<mktowsUserId>', '<partnerId>x</partnerId><mktowsUserId>')

    const answer = await simulator.post(sent)

    expect(answer.body).toContain('AuthenticationHeader/partnerId is not in the schema (20012)')
  })

  it.each([
    ['a message as the schema wants it', SYNC + COOKIE],
    ['nil where it is allowed', `<leadRecord><Email>a@b.c</Email><ForeignSysType ${NIL}/></leadRecord>${FALSE}`],
    [
      'several attributes',
      `<leadRecord><Email>a@b.c</Email><leadAttributeList>${'<attribute><attrName>City</attrName><attrType>string</attrType><attrValue/></attribute>'.repeat(2)}</leadAttributeList></leadRecord>${FALSE}`,
    ],
  ])('lets %s through', async (_, params) => {
    const simulator = openSimulator({ strict: true })

    const answer = await simulator.post(message({ params, context: EXTRA_HEADER }))

    expect(answer.done).toBe('CREATED')
  })
})

describe('unless it is strict', () => {
  it.each([
    ['any order is taken', FALSE + RECORD],
    ['unknown elements are dropped', `${SYNC}<something/>`],
    ['the namespace of an element does not matter', SYNC.replaceAll('returnLead', 'ns1:returnLead')],
  ])('%s', async (_, params) => {
    const simulator = openSimulator()

    const answer = await simulator.post(message({ params }))

    expect(answer.done).toBe('CREATED')
  })
})

describe('/sim/strict', () => {
  it('turns it on and off, and a reset brings back what it was', async () => {
    const simulator = openSimulator({ strict: true })
    const lenient = async (): Promise<boolean> => (await answerTo(simulator, FALSE + RECORD)) === undefined

    const first = await lenient()
    const told = await simulator.control('/sim/strict', { strict: false })
    const second = await lenient()
    await simulator.app.request('/sim/reset', { method: 'POST' })
    const third = await lenient()

    expect(await told.json()).toEqual({ strict: false })
    expect([first, second, third]).toEqual([false, true, false])
  })
})

async function answerTo(simulator: SimulatorClient, params: string): Promise<string | undefined> {
  return (await simulator.post(message({ params }))).code
}
