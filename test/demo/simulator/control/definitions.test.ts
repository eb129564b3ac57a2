import { describe, expect, it } from 'vitest'
import { openJournal } from '../../../../demo/simulator/journal-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import { COOKIE, openSimulator, TOKEN, type SimulatorClient } from '../simulator-client.ts'

const EMAIL = { name: 'Email', type: 'email' }
const LOYALTY = { name: 'Loyalty__c', type: 'string', size: 4, custom: true }
const ANA = { email: 'ana@acme.example' }

function put(simulator: SimulatorClient, path: string, body: unknown): Promise<Response> {
  return Promise.resolve(simulator.app.request(path, { method: 'PUT', body: JSON.stringify(body) }))
}

async function read(simulator: SimulatorClient, path: string): Promise<unknown> {
  return (await simulator.app.request(path)).json()
}

describe('PUT /sim/fields', () => {
  it('gives a person other fields, with their sizes', async () => {
    const simulator = openSimulator()

    await put(simulator, '/sim/fields', { fields: [EMAIL, LOYALTY] })

    const fits = await simulator.sync({ ...ANA, attributes: { Loyalty__c: 'gold' } })
    const tooLong = await simulator.sync({ ...ANA, attributes: { Loyalty__c: 'silver' } })
    const gone = await simulator.sync({ ...ANA, attributes: { FirstName: 'Ana' } })
    expect([fits.done, tooLong.code, gone.code]).toEqual(['CREATED', '20110', '20105'])
  })

  it('takes the answer of Describe Lead of another account', async () => {
    const [simulator, other] = [openSimulator(), openSimulator()]
    const describe = {
      requestId: '1#1',
      success: true,
      result: [
        { id: 2, displayName: 'Id', dataType: 'integer', rest: { name: 'id', readOnly: false } },
        { id: 3, displayName: 'Email', dataType: 'email', length: 255, rest: { name: 'email', readOnly: false } },
        { id: 4, displayName: 'SIC', dataType: 'string', length: 40, rest: { name: 'sicCode', readOnly: false } },
        { id: 5, displayName: 'Score', dataType: 'score', rest: { name: 'urgency', readOnly: true } },
        {
          displayName: 'Loyalty',
          dataType: 'strange',
          length: 4,
          rest: { name: 'loyalty', readOnly: false },
          soap: { name: 'Loyalty__c', readOnly: false },
        },
      ],
    }

    const answer = await put(simulator, '/sim/fields', describe)

    expect(await answer.json()).toEqual([
      { name: 'Email', restName: 'email', type: 'email', label: 'Email', size: 255 },
      { name: 'SICCode', restName: 'sicCode', type: 'string', label: 'SIC', size: 40 },
      { name: 'urgency', restName: 'urgency', type: 'score', label: 'Score', readOnly: true, custom: true },
      { name: 'Loyalty__c', restName: 'loyalty', type: 'string', label: 'Loyalty', size: 4, custom: true },
    ])
    expect(await read(other, '/sim/fields')).not.toEqual(await read(simulator, '/sim/fields'))
  })

  it('takes a forms file of a relay, with every attribute that its forms write', async () => {
    const simulator = openSimulator()
    const fields = { email: {}, Size: { attribute: 'Boat_Size__c' } }
    const capture = { utm_source: 'Source__c' }

    await put(simulator, '/sim/fields', { forms: { contact: { fields, capture, constants: { Kind__c: 'Web' } } } })

    const attributes = { Boat_Size__c: 'L', Source__c: 'news', Kind__c: 'Web', FirstName: 'Ana' }
    const written = await simulator.sync({ ...ANA, attributes })
    const unknown = await simulator.sync({ ...ANA, attributes: { Berths__c: '1' } })
    expect([written.done, unknown.code]).toEqual(['CREATED', '20105'])
  })

  it('names each problem by its place, and changes nothing then', async () => {
    const simulator = openSimulator()
    const before = await read(simulator, '/sim/fields')

    const answer = await put(simulator, '/sim/fields', {
      fields: [EMAIL, { name: 'Size', type: 'text', size: 0 }, { type: 'colour' }],
    })

    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      errors: [
        { field: 'fields[1].size', message: 'must be a whole number from 1 to 1000000' },
        { field: 'fields[2].type', message: expect.stringMatching(/^must be one of string, text, email, /) },
        { field: 'fields[2].name', message: 'is required' },
      ],
    })
    expect(await read(simulator, '/sim/fields')).toEqual(before)
  })
})

describe('lists, campaigns, workspaces and forms', () => {
  it.each([
    ['/sim/lists', { lists: ['Skippers'] }, [{ name: 'Skippers', members: [] }]],
    [
      '/sim/campaigns',
      { campaigns: [{ id: 7, name: 'Welcome', program: 'Boats' }] },
      [{ id: 7, name: 'Welcome', program: 'Boats', requests: [] }],
    ],
    ['/sim/workspaces', { workspaces: ['Europe'] }, { workspaces: ['Europe'], rules: [] }],
    [
      '/sim/forms',
      { forms: [{ id: 1, name: 'Boats', status: 'draft', workspace: 'Default', fields: ['Email'] }] },
      [{ id: 1, name: 'Boats', status: 'draft', workspace: 'Default', fields: ['Email'] }],
    ],
    ['/sim/fields', { fields: [EMAIL] }, [EMAIL]],
  ])('PUT %s takes the place of all, until DELETE', async (path, body, expected) => {
    const simulator = openSimulator()
    const before = await read(simulator, path)

    const answer = await put(simulator, path, body)
    const after = await read(simulator, path)
    const deleted = await simulator.app.request(path, { method: 'DELETE' })

    expect(await answer.json()).toEqual(expected)
    expect(after).toEqual(expected)
    expect(await deleted.json()).toEqual(before)
    expect(await read(simulator, path)).toEqual(before)
  })

  it.each([
    ['/sim/lists', { lists: ['A', 'A'] }, 'lists', 'must be a list of names; each may occur once'],
    ['/sim/lists', {}, 'lists', 'is required'],
    ['/sim/campaigns', { campaigns: [{ id: 1, name: 'A' }] }, 'campaigns[0].program', 'is required'],
    ['/sim/fields', { fields: [LOYALTY] }, 'fields', 'each name may occur once, and Email must be one of them'],
    ['/sim/people', { people: [{ name: 'Ana' }] }, 'people[0].name', expect.stringContaining('allowed are email, ')],
  ])('PUT %s with %j is answered 400 with the place', async (path, body, field, message) => {
    const answer = await put(openSimulator(), path, body)

    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { errors: unknown[] }).errors[0]).toEqual({ field, message })
  })

  it('a list has the members that calls add', async () => {
    const simulator = openSimulator({ lists: ['Skippers'] })
    await simulator.sync(ANA)
    await simulator.ask(
      'ListOperation',
      '<listOperation>ADDTOLIST</listOperation><listKey><keyType>MKTOLISTNAME</keyType><keyValue>Skippers</keyValue></listKey><listMemberList><leadKey><keyType>IDNUM</keyType><keyValue>700001</keyValue></leadKey></listMemberList>',
    )

    expect(await read(simulator, '/sim/lists')).toEqual([{ name: 'Skippers', members: [700001] }])
  })
})

describe('/sim/people', () => {
  it('PUT makes people known who are there before the first call', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'eva@acme.example' })

    await put(simulator, '/sim/people', { people: [{ ...ANA, attributes: { City: 'Cork' }, cookies: [COOKIE] }] })

    const updated = await simulator.sync({ ...ANA, attributes: { City: 'Porto' } })
    await simulator.visit(TOKEN, '/pricing')
    expect(updated).toMatchObject({ done: 'UPDATED', leadId: 700001 })
    expect(await simulator.leads()).toMatchObject([
      { email: 'ana@acme.example', attributes: { City: 'Porto' }, activities: [{ type: 'sync' }, { type: 'visit' }] },
    ])
  })

  it('PUT refuses an attribute that is no field, and keeps the people', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'eva@acme.example' })

    const answer = await put(simulator, '/sim/people', { people: [{ ...ANA, attributes: { Town: 'Cork' } }] })

    expect(await answer.json()).toEqual({
      errors: [{ field: 'people[0].attributes.Town', message: 'is not the SOAP API name of a field' }],
    })
    expect(await simulator.leads()).toMatchObject([{ email: 'eva@acme.example' }])
  })

  it('DELETE forgets the people alone', async () => {
    const simulator = openSimulator()
    await simulator.sync(ANA)

    await simulator.app.request('/sim/people', { method: 'DELETE' })

    expect(await simulator.leads()).toEqual([])
    expect(await simulator.calls()).toHaveLength(1)
  })

  it('people of the start are there again after a reset', async () => {
    const simulator = openSimulator({ seeds: [ANA] })
    await simulator.sync({ email: 'eva@acme.example' })

    await simulator.app.request('/sim/reset', { method: 'POST' })

    expect(await simulator.leads()).toMatchObject([{ id: 700001, email: 'ana@acme.example' }])
  })
})

it('a restart has the fields and lists that were set, and the calls that were there when people were deleted', async () => {
  const folder = makeFolder()
  const simulator = openSimulator({ journal: openJournal(folder) })
  await put(simulator, '/sim/fields', { fields: [EMAIL, LOYALTY] })
  await put(simulator, '/sim/lists', { lists: ['Skippers'] })
  await simulator.sync(ANA)
  await simulator.app.request('/sim/people', { method: 'DELETE' })

  const restarted = openSimulator({ journal: openJournal(folder) })

  expect(await read(restarted, '/sim/fields')).toEqual([EMAIL, LOYALTY])
  expect(await read(restarted, '/sim/lists')).toEqual([{ name: 'Skippers', members: [] }])
  expect(await restarted.calls()).toHaveLength(1)
  expect(await restarted.leads()).toEqual([])
})
