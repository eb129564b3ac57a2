import { describe, expect, it } from 'vitest'
import { dense, leadKey, openSimulator, texts, type Answer, type SimulatorClient } from '../simulator-client.ts'

const ANSWER = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Body>
    <ns1:successListOperation>
      <result>
        <success>false</success>
        <statusList>
          <leadStatus>
            <leadKey><keyType>EMAIL</keyType><keyValue>ana@acme.example</keyValue></leadKey>
            <status>true</status>
          </leadStatus>
          <leadStatus>
            <leadKey><keyType>IDNUM</keyType><keyValue>42</keyValue></leadKey>
            <status>false</status>
          </leadStatus>
        </statusList>
      </result>
    </ns1:successListOperation>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

const ANA = leadKey('EMAIL', 'ana@acme.example')
const EVA = leadKey('EMAIL', 'eva@acme.example')
const NOBODY = leadKey('IDNUM', 42)
const STRICT = '<strict>true</strict>'

describe('listOperation', () => {
  it('ADDTOLIST adds the leads that exist and returns a status for each key', async () => {
    const simulator = await withTwo()

    const answer = await operate(simulator, 'ADDTOLIST', ANA + NOBODY)

    expect(dense(answer.body)).toBe(dense(ANSWER))
    expect(await members(simulator)).toEqual([700001])
  })

  it('REMOVEFROMLIST removes the leads that are members', async () => {
    const simulator = await withTwo()
    await operate(simulator, 'ADDTOLIST', ANA)

    const answer = await operate(simulator, 'REMOVEFROMLIST', ANA + EVA)

    expect(texts(answer.body, 'status')).toEqual(['true', 'false'])
    expect(await members(simulator)).toEqual([])
  })

  it('ISMEMBEROFLIST returns the membership and changes nothing', async () => {
    const simulator = await withTwo()
    await operate(simulator, 'ADDTOLIST', ANA)

    const both = await operate(simulator, 'ISMEMBEROFLIST', ANA + EVA)
    const ana = await operate(simulator, 'ISMEMBEROFLIST', ANA)

    expect([both, ana].map(({ body }) => [texts(body, 'success'), texts(body, 'status')])).toEqual([
      [['false'], ['true', 'false']],
      [['true'], ['true']],
    ])
    expect(await members(simulator)).toEqual([700001])
  })

  it.each(['ADDTOLIST', 'REMOVEFROMLIST'])('%s with strict changes all leads or none', async (operation) => {
    const simulator = await withTwo()
    await operate(simulator, 'ADDTOLIST', ANA)
    const key = operation === 'ADDTOLIST' ? EVA : ANA

    const none = await operate(simulator, operation, key + NOBODY, STRICT)
    const before = await members(simulator)
    const all = await operate(simulator, operation, key, STRICT)
    const after = await members(simulator)

    expect([none, all].map(({ body }) => texts(body, 'success')[0])).toEqual(['false', 'true'])
    expect(before).toEqual([700001])
    expect(after).toEqual(operation === 'ADDTOLIST' ? [700001, 700002] : [])
  })

  it('ADDTOLIST with strict says false for each lead that was not added', async () => {
    const simulator = await withTwo()

    const answer = await operate(simulator, 'ADDTOLIST', ANA + NOBODY, STRICT)

    expect(texts(answer.body, 'status')).toEqual(['false', 'false'])
    expect(await members(simulator)).toEqual([])
  })

  it.each(['ADDTOLIST', 'REMOVEFROMLIST'])('%s has a nil list of statuses if all leads succeed', async (operation) => {
    const simulator = await withTwo()
    await operate(simulator, 'ADDTOLIST', ANA)

    const answer = await operate(simulator, operation, ANA)

    expect(answer.body).toMatch(/<success>true<\/success><statusList [^>]*:nil="true"\/>/)
  })

  it('CLEARLIST removes all members', async () => {
    const simulator = await withTwo()
    await operate(simulator, 'ADDTOLIST', ANA + EVA)

    const answer = await operate(simulator, 'CLEARLIST', '', '<skipActivityLog>true</skipActivityLog>')

    expect(texts(answer.body, 'success')).toEqual(['true'])
    expect(await members(simulator)).toEqual([])
  })

  it('accepts strict before the list key, as captured from Marketo', async () => {
    const simulator = await withTwo()
    const list = '<listKey><keyType>MKTOLISTNAME</keyType><keyValue>Newsletter</keyValue></listKey>'

    const answer = await simulator.ask(
      'ListOperation',
      `<listOperation>ADDTOLIST</listOperation>${STRICT}${list}<listMemberList>${ANA}</listMemberList>`,
    )

    expect(texts(answer.body, 'success')).toEqual(['true'])
  })

  it.each([
    ['20101 without a lead', 'ADDTOLIST', 'MKTOLISTNAME', 'Newsletter', ''],
    ['20102 with an unknown type of key', 'ADDTOLIST', 'MKTOLISTNAME', 'Newsletter', leadKey('PHONE', '1')],
    ['20109 without an operation', '', 'MKTOLISTNAME', 'Newsletter', ANA],
    ['20109 without a list’s name', 'ADDTOLIST', 'MKTOLISTNAME', '', ANA],
    ['20110 with an unknown operation', 'EMPTYLIST', 'MKTOLISTNAME', 'Newsletter', ANA],
    ['20110 with an unknown type of list key', 'ADDTOLIST', 'NAME', 'Newsletter', ANA],
    ['20111 with an unknown list', 'ADDTOLIST', 'MKTOLISTNAME', 'newsletter', ANA],
    ['20111 with a salesperson’s list', 'ADDTOLIST', 'MKTOSALESUSERID', 'Newsletter', ANA],
    ['20114 with more than 1,000 leads', 'ADDTOLIST', 'MKTOLISTNAME', 'Newsletter', ANA.repeat(1_001)],
  ])('answers %s', async (title, operation, type, list, keys) => {
    const simulator = await withTwo()
    const listKey = `<listKey><keyType>${type}</keyType><keyValue>${list}</keyValue></listKey>`

    const answer = await simulator.ask(
      'ListOperation',
      `<listOperation>${operation}</listOperation>${listKey}<listMemberList>${keys}</listMemberList>`,
    )

    expect(answer.code).toBe(title.slice(0, 5))
    expect(await members(simulator)).toEqual([])
  })

  it('has no effect after a reset', async () => {
    const simulator = await withTwo()
    await operate(simulator, 'ADDTOLIST', ANA)

    await simulator.app.request('/sim/reset', { method: 'POST' })

    expect(await members(simulator)).toEqual([])
  })
})

async function withTwo(): Promise<SimulatorClient> {
  const simulator = openSimulator()
  await simulator.sync({ email: 'ana@acme.example' })
  await simulator.sync({ email: 'eva@acme.example' })
  return simulator
}

function operate(simulator: SimulatorClient, operation: string, keys: string, strict = ''): Promise<Answer> {
  const list = '<listKey><keyType>MKTOLISTNAME</keyType><keyValue>Newsletter</keyValue></listKey>'
  return simulator.ask(
    'ListOperation',
    `<listOperation>${operation}</listOperation>${list}<listMemberList>${keys}</listMemberList>${strict}`,
  )
}

/** Reads the members of the list "Newsletter". */
async function members({ app }: SimulatorClient): Promise<number[] | undefined> {
  const lists = (await (await app.request('/sim/lists')).json()) as { name: string; members: number[] }[]
  return lists.find(({ name }) => name === 'Newsletter')?.members
}
