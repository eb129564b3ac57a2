/** Sync Leads. Expected values: Adobe's leads.md and error-codes.md; answers of a live account where a test says so. */
import { describe, expect, it } from 'vitest'
import { openRest } from './rest-client.ts'

const ANA = { email: 'ana@acme.example', firstName: 'Ana' }

describe('the action', () => {
  it('createOrUpdate creates a lead, then updates it, and is the default', async () => {
    const rest = openRest()

    const created = await rest.syncLeads([ANA])
    const updated = await rest.syncLeads([{ ...ANA, lastName: 'Ruiz' }], { action: 'createOrUpdate' })

    expect([created.body.result, updated.body.result]).toEqual([
      [{ id: 700001, status: 'created' }],
      [{ id: 700001, status: 'updated' }],
    ])
    expect(await rest.leads()).toMatchObject([
      { email: 'ana@acme.example', known: true, attributes: { FirstName: 'Ana', LastName: 'Ruiz' } },
    ])
  })

  it('createOnly skips a lead that exists with 1005', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.syncLeads([{ ...ANA, firstName: 'Eva' }, { email: 'new@acme.example' }], {
      action: 'createOnly',
    })

    expect(answer.body.result).toEqual([
      { status: 'skipped', reasons: [{ code: '1005', message: 'Lead already exists' }] },
      { id: 700002, status: 'created' },
    ])
    expect((await rest.leads())[0]?.attributes).toEqual({ FirstName: 'Ana' })
  })

  it('updateOnly skips a lead that does not exist with 1004', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([ANA], { action: 'updateOnly' })

    expect(answer.body.result).toEqual([{ status: 'skipped', reasons: [{ code: '1004', message: 'Lead not found' }] }])
  })

  it('createDuplicate creates another lead with the same address', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.syncLeads([ANA], { action: 'createDuplicate' })

    expect(answer.body.result).toEqual([{ id: 700002, status: 'created' }])
  })

  it('that is unknown is rejected with 1003', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([ANA], { action: 'upsert' })

    expect(answer.body).toMatchObject({ success: false, errors: [{ code: '1003' }] })
  })
})

describe('the lookup field', () => {
  // error-codes.md, 1007.
  it('that finds two leads skips the record with 1007', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])
    await rest.syncLeads([ANA], { action: 'createDuplicate' })

    const answer = await rest.syncLeads([ANA])

    expect(answer.body.result).toEqual([
      { status: 'skipped', reasons: [{ code: '1007', message: 'Multiple leads match the lookup criteria' }] },
    ])
  })

  it('may be a custom field', async () => {
    const rest = openRest()
    await rest.syncLeads([{ email: 'old@acme.example', Harbour__c: 'Kiel' }])

    const answer = await rest.syncLeads([{ email: 'new@acme.example', Harbour__c: 'Kiel' }], {
      lookupField: 'Harbour__c',
    })

    expect(answer.body.result).toEqual([{ id: 700001, status: 'updated' }])
    expect(await rest.leads()).toMatchObject([{ email: 'new@acme.example' }])
  })

  it('may be the id with updateOnly', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.syncLeads([{ id: 700001, email: 'eva@acme.example' }, { id: 700009 }], {
      action: 'updateOnly',
      lookupField: 'id',
    })

    expect(answer.body.result).toEqual([
      { id: 700001, status: 'updated' },
      { status: 'skipped', reasons: [{ code: '1004', message: 'Lead not found' }] },
    ])
    expect(await rest.leads()).toMatchObject([{ email: 'eva@acme.example' }])
  })

  it.each([
    ['is no field', 'userId', '1006', "Lookup field 'userId' not found"],
    ['cannot be searched', 'firstName', '1011', "Field 'firstName' not supported"],
    ['is the id, with createOrUpdate', 'id', '1003', expect.stringContaining('updateOnly')],
  ])('that %s rejects the whole call', async (_, lookupField, code, message) => {
    const rest = openRest()

    const answer = await rest.syncLeads([ANA], { lookupField })

    expect(answer.body).toMatchObject({ success: false, errors: [{ code, message }] })
    expect(await rest.leads()).toEqual([])
  })

  it('that a record does not have skips that record with 1002', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([{ firstName: 'Ana' }, { email: null }, ANA])

    const reasons = [{ code: '1002', message: "Missing value for the required parameter 'email'" }]
    expect(answer.body.result).toEqual([
      { status: 'skipped', reasons },
      { status: 'skipped', reasons },
      { id: 700001, status: 'created' },
    ])
  })

  it('does not find an anonymous visitor', async () => {
    const rest = openRest()
    await rest.visit('_mch-acme.example-1764000000000-54321', '/')

    const answer = await rest.syncLeads([{ id: 700001, firstName: 'Ana' }], { action: 'updateOnly', lookupField: 'id' })

    expect(answer.body.result).toMatchObject([{ status: 'skipped', reasons: [{ code: '1004' }] }])
  })
})

describe('a record', () => {
  // Seen at a live account on 2026-07-30 (rest.md 1.2).
  it('with an unknown field is skipped with 1006, and the others are written', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([{ ...ANA, FirstName: 'Ana' }, { email: 'eva@acme.example' }])

    expect(answer.body).toMatchObject({
      success: true,
      result: [
        { status: 'skipped', reasons: [{ code: '1006', message: "Field 'FirstName' not found" }] },
        { id: 700001, status: 'created' },
      ],
    })
    expect(await rest.leads()).toMatchObject([{ email: 'eva@acme.example' }])
  })

  // The same source: "updated", nothing written, no reason.
  it('with a read-only field is answered without a reason, and the field is not written', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const answer = await rest.syncLeads([
      { ...ANA, inferredCompany: 'Acme', createdAt: '2020-01-01T00:00:00Z', lastName: 'Ruiz' },
    ])

    expect(answer.body.result).toEqual([{ id: 700001, status: 'updated' }])
    const [lead] = await rest.leads()
    expect(lead?.attributes).toEqual({ FirstName: 'Ana', LastName: 'Ruiz' })
    expect(lead?.createdAt).toBe('2026-11-23T09:30:00.000Z')
  })

  it('clears a field with null or an empty text', async () => {
    const rest = openRest()
    await rest.syncLeads([{ ...ANA, lastName: 'Ruiz', city: 'Kiel' }])

    await rest.syncLeads([{ ...ANA, lastName: null, city: '' }])

    expect((await rest.leads())[0]?.attributes).toEqual({ FirstName: 'Ana' })
  })

  it('has numbers and booleans as JSON values', async () => {
    const rest = openRest()

    await rest.syncLeads([{ ...ANA, Berths__c: 12, unsubscribed: true }])

    expect((await rest.leads())[0]?.attributes).toMatchObject({ Berths__c: '12', Unsubscribed: 'true' })
  })

  it.each([
    ['a text for a number', { Berths__c: 'many' }, "Invalid value 'many'. Required of type 'integer'"],
    ['an impossible date', { dateOfBirth: '2026-02-30' }, "Invalid value '2026-02-30'. Required of type 'date'"],
    ['a list', { city: ['Kiel'] }, `Invalid value '["Kiel"]'. Required of type 'string'`],
  ])('with %s is skipped with 1001', async (_, fields, message) => {
    const rest = openRest()

    const answer = await rest.syncLeads([{ ...ANA, ...fields }])

    expect(answer.body.result).toEqual([{ status: 'skipped', reasons: [{ code: '1001', message }] }])
    expect(await rest.leads()).toEqual([])
  })

  // rest.md 1.2, recorded by rudder-transformer: HTTP 400 with an ordinary envelope.
  it('with a value that is too long rejects the whole call with 1077 and HTTP 400', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([{ email: 'eva@acme.example' }, { ...ANA, city: 'x'.repeat(256) }])

    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      success: false,
      errors: [{ code: '1077', message: 'Value for field exceeds max length' }],
    })
    expect(await rest.leads()).toEqual([])
  })

  it('with an address that is not ASCII is skipped', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([{ email: 'zoë@acme.example' }])

    expect(answer.body.result).toMatchObject([{ status: 'skipped', reasons: [{ code: '1003' }] }])
  })

  it('with an id is skipped with 1003 unless the action is updateOnly', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([{ ...ANA, id: 700001 }])

    expect(answer.body.result).toMatchObject([{ status: 'skipped', reasons: [{ code: '1003' }] }])
  })

  it('of the same person as another one in the call updates that one', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([ANA, ANA])

    expect(answer.body.result).toEqual([
      { id: 700001, status: 'created' },
      { id: 700001, status: 'updated' },
    ])
  })
})

describe('a call', () => {
  it('answers 300 leads in the order of the input', async () => {
    const rest = openRest()
    const input = Array.from({ length: 300 }, (_, n) => ({ email: `p${n}@acme.example`, lastName: `L${n}` }))

    const answer = await rest.syncLeads(input)

    const leads = await rest.leads()
    const names = answer.body.result?.map(({ id }) => leads.find((lead) => lead.id === id)?.attributes['LastName'])
    expect(names).toEqual(input.map(({ lastName }) => lastName))
  })

  it.each([
    ['more than 300 leads', Array.from({ length: 301 }, (_, n) => ({ email: `p${n}@acme.example` }))],
    ['no lead', []],
    ['no list of leads', undefined],
  ])('with %s is rejected with 1003', async (_, input) => {
    const rest = openRest()

    const answer = await rest.syncLeads(input)

    expect(answer.body).toMatchObject({ success: false, errors: [{ code: '1003' }] })
    expect(await rest.leads()).toEqual([])
  })

  it('without leads says so in Marketo’s words', async () => {
    const rest = openRest()

    const answer = await rest.syncLeads([])

    expect(answer.body.errors).toEqual([{ code: '1003', message: 'Leads not specified' }])
  })

  // leads.md: concurrent upserts with one key may result in duplicates.
  it('that overlaps another one for the same new address makes a second person', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let begun = 0
    const rest = openRest({ wait: () => gates[begun++]!.promise })
    const token = await rest.token()
    await rest.control('/sim/faults', { fault: 'slow', times: 2 })

    const first = rest.syncLeads([ANA], {}, { token })
    const second = rest.syncLeads([ANA], {}, { token })
    await rest.waitForActiveCalls(2)
    for (const gate of gates) gate.resolve()

    expect([(await first).body.result, (await second).body.result]).toEqual([
      [{ id: 700001, status: 'created' }],
      [{ id: 700002, status: 'created' }],
    ])
  })

  it('that overlaps another one for the same new value of a custom field makes a second person', async () => {
    const gate = Promise.withResolvers<void>()
    const rest = openRest({ wait: () => gate.promise })
    const token = await rest.token()
    await rest.control('/sim/faults', { fault: 'slow' })
    const lead = { email: 'ana@acme.example', Harbour__c: 'Kiel' }

    const slow = rest.syncLeads([lead], { lookupField: 'Harbour__c' }, { token })
    await rest.waitForActiveCalls(1)
    const quick = await rest.syncLeads([lead], { lookupField: 'Harbour__c' }, { token })
    gate.resolve()

    expect([quick.body.result?.[0]?.id, (await slow).body.result?.[0]?.id]).toEqual([700001, 700002])
  })

  it('is recorded with its leads by SOAP API name, and with the code of the first lead that was skipped', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA, { ...ANA, nickname: 'A' }])

    const [, call] = await rest.calls('?records=1')

    expect(call).toMatchObject({ api: 'rest', operation: 'syncLeads', ok: false, code: '1006', applied: true })
    expect(call?.records).toEqual([
      { email: 'ana@acme.example', attributes: { FirstName: 'Ana' }, status: 'CREATED', leadId: 700001 },
      { email: 'ana@acme.example', attributes: { FirstName: 'Ana', nickname: 'A' }, status: 'FAILED', leadId: null },
    ])
  })

  it('for one lead is recorded with the lead, and with its request and answer', async () => {
    const rest = openRest()
    await rest.syncLeads([ANA])

    const call = await rest.call(2)

    expect(call).toMatchObject({ leadId: 700001, ok: true, code: null, status: 200 })
    expect(call.request).toBe(
      `POST /rest/v1/leads.json\nContent-Type: application/json\n\n${JSON.stringify({ input: [ANA] })}`,
    )
    expect(JSON.parse(call.response)).toMatchObject({ success: true, result: [{ id: 700001 }] })
  })
})

describe('one database with SOAP', () => {
  it('shows REST the leads of SOAP, and SOAP those of REST', async () => {
    const rest = openRest()

    const soap = await rest.sync({ email: 'ana@acme.example', attributes: { SICCode: '4491' } })
    const updated = await rest.syncLeads([{ email: 'ANA@acme.example', sicCode: '4499' }])
    const again = await rest.sync({ email: 'ana@acme.example' })

    expect([soap.done, updated.body.result?.[0], again.done]).toEqual([
      'CREATED',
      { id: 700001, status: 'updated' },
      'UPDATED',
    ])
    expect(await rest.leads()).toMatchObject([{ email: 'ana@acme.example', attributes: { SICCode: '4499' } }])
  })
})

describe('a partition', () => {
  const WORKSPACES = ['Asia', { name: 'Europe', partition: 'Europe People' }]

  it('that is named is that of a new lead', async () => {
    const rest = openRest({ workspaces: WORKSPACES })

    await rest.syncLeads([ANA], { partitionName: 'Europe People' })

    expect(await rest.leads()).toMatchObject([{ workspace: 'Europe', partition: 'Europe People' }])
  })

  it('skips a lead of another one with 1010', async () => {
    const rest = openRest({ workspaces: WORKSPACES })
    await rest.syncLeads([ANA], { partitionName: 'Asia' })

    const answer = await rest.syncLeads([ANA], { partitionName: 'Europe People' })

    expect(answer.body.result).toEqual([
      { status: 'skipped', reasons: [{ code: '1010', message: 'Partition update not allowed' }] },
    ])
  })

  it('that does not exist rejects the call with 1008', async () => {
    const rest = openRest({ workspaces: WORKSPACES })

    const answer = await rest.syncLeads([ANA], { partitionName: 'Africa' })

    expect(answer.body.errors).toEqual([{ code: '1008', message: "Access denied to partition 'Africa'" }])
  })

  // leads.md: the parameter only works for createOnly and createOrUpdate.
  it('does not matter to updateOnly', async () => {
    const rest = openRest({ workspaces: WORKSPACES })
    await rest.syncLeads([ANA], { partitionName: 'Asia' })

    const answer = await rest.syncLeads([ANA], { partitionName: 'Europe People', action: 'updateOnly' })

    expect(answer.body.result).toEqual([{ id: 700001, status: 'updated' }])
  })

  it('of a new lead is that of an assignment rule if the call names none', async () => {
    const rest = openRest({
      workspaces: WORKSPACES,
      rules: [{ attribute: 'Country', value: 'Ireland', partition: 'Islands' }],
    })

    await rest.syncLeads([{ ...ANA, country: 'Ireland' }])
    const there = await rest.syncLeads([{ ...ANA }], { partitionName: 'Islands' })

    expect(await rest.leads()).toMatchObject([{ partition: 'Islands' }])
    expect(there.body.result).toEqual([{ id: 700001, status: 'updated' }])
  })
})
