import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, OTHER_COOKIE, OTHER_TOKEN, TOKEN } from '../simulator-client.ts'

describe('a key that nobody has', () => {
  it.each([
    ['e-mail address', { email: 'ana@acme.example' }],
    ['foreign id', { foreignId: 'F1', foreignType: 'CUSTOM' }],
    ['cookie', { cookie: COOKIE }],
  ])('creates a lead: %s', async (_, key) => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F2', foreignType: 'CUSTOM', cookie: OTHER_COOKIE })

    const answer = await simulator.sync(key)

    expect(answer).toMatchObject({ done: 'CREATED', leadId: 700002 })
  })
})

describe('the Id', () => {
  it('takes precedence over foreign id, cookie and e-mail', async () => {
    const simulator = openSimulator()
    const { leadId: id } = await simulator.sync({ email: 'ana@acme.example' })
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F1', foreignType: 'SFDC', cookie: COOKIE })

    const answer = await simulator.sync({
      id: id ?? 0,
      email: 'eva@acme.example',
      foreignId: 'F1',
      foreignType: 'SFDC',
      cookie: COOKIE,
    })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: id })
  })

  it('moves a foreign id from another lead to its own', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })

    await simulator.sync({ id: 700001, foreignId: 'F1', foreignType: 'CUSTOM' })

    const [ana, eva] = await simulator.leads()
    expect(ana?.foreignIds).toEqual([{ id: 'F1', type: 'CUSTOM' }])
    expect(eva?.foreignIds).toEqual([])
  })

  it('allows the call to change the e-mail address', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })

    await simulator.sync({ id: 700001, email: 'ana@new.example' })

    const leads = await simulator.leads()
    expect(leads.map(({ email }) => email)).toEqual(['ana@new.example'])
  })
})

describe('the foreign id', () => {
  it('takes precedence over e-mail, and the address is updated', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'eva@acme.example' })

    const answer = await simulator.sync({ email: 'eva@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })

    const leads = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
    expect(leads.map(({ email }) => email)).toEqual(['eva@acme.example', 'eva@acme.example'])
  })

  it('is sufficient as the only key', async () => {
    const simulator = openSimulator()
    await simulator.sync({ foreignId: 'F1', foreignType: 'NETSUITE' })

    const answer = await simulator.sync({ foreignId: 'F1', foreignType: 'NETSUITE' })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
  })

  it('is a different id in another system', async () => {
    const simulator = openSimulator()
    await simulator.sync({ foreignId: 'F1', foreignType: 'NETSUITE' })

    const answer = await simulator.sync({ foreignId: 'F1', foreignType: 'SFDC' })

    expect(answer.done).toBe('CREATED')
  })

  it('is added to the lead that the e-mail address finds, if it is new; a lead may have several', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })

    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })

    const leads = await simulator.leads()
    expect(leads.map(({ foreignIds }) => foreignIds.map(({ id }) => id))).toEqual([['F1', 'F2']])
  })
})

describe('the cookie', () => {
  it('identifies the lead unless Id, foreign id or e-mail identifies another', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    await simulator.sync({ foreignId: 'F1', foreignType: 'CUSTOM' })

    const byCookie = await simulator.sync({ cookie: COOKIE })
    const byForeignId = await simulator.sync({ cookie: COOKIE, foreignId: 'F1', foreignType: 'CUSTOM' })

    expect([byCookie.leadId, byForeignId.leadId]).toEqual([700001, 700002])
  })

  it('makes an anonymous visitor known, with the earlier visits', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/pricing', { _mchTi: 'Pricing' })
    simulator.clock.now += 60_000

    const answer = await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    const leads = await simulator.leads()
    expect(answer).toMatchObject({ done: 'CREATED', leadId: 700001 })
    expect(leads).toHaveLength(1)
    expect(leads[0]).toMatchObject({
      known: true,
      email: 'ana@acme.example',
      createdAt: '2026-11-23T09:30:00.000Z',
      updatedAt: '2026-11-23T09:31:00.000Z',
      activities: [
        { type: 'visit', at: '2026-11-23T09:30:00.000Z', url: 'https://www.acme.example/pricing', title: 'Pricing' },
        { type: 'known', at: '2026-11-23T09:31:00.000Z', call: 1 },
        { type: 'sync', call: 1, status: 'CREATED' },
      ],
    })
  })

  it('is sufficient as the only key', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')

    const answer = await simulator.sync({ cookie: COOKIE, attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    expect(answer.leadId).toBe(700001)
    expect(lead).toMatchObject({ known: true, email: null, attributes: { Country: 'Ireland' } })
  })

  it('is assigned to the lead with its later visits, if it is new', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    await simulator.visit(TOKEN, '/thanks')

    const leads = await simulator.leads()
    expect(leads).toHaveLength(1)
    expect(leads[0]?.activities.at(-1)).toMatchObject({ type: 'visit', url: 'https://www.acme.example/thanks' })
  })

  it('merges an anonymous visitor into the person that the address finds, with activities in order', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/on-the-phone')
    simulator.clock.now += 1_000
    await simulator.sync({ email: 'ana@acme.example', cookie: OTHER_COOKIE })
    simulator.clock.now += 1_000
    await simulator.visit(TOKEN, '/on-the-phone-again')
    simulator.clock.now += 1_000

    const answer = await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    const leads = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700002 })
    expect(leads).toHaveLength(1)
    expect(leads[0]?.cookies).toEqual([OTHER_COOKIE, COOKIE])
    expect(leads[0]?.activities.map(({ type }) => type)).toEqual(['visit', 'known', 'sync', 'visit', 'sync'])
  })

  it('moves from a known lead to the lead of the address, while past activities stay', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/anas-visit')
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    await simulator.sync({ email: 'eva@acme.example' })

    const answer = await simulator.sync({ email: 'eva@acme.example', cookie: COOKIE })
    await simulator.visit(TOKEN, '/evas-visit')

    const [ana, eva] = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700002 })
    expect(ana).toMatchObject({ email: 'ana@acme.example', cookies: [] })
    expect(ana?.activities.map(({ type }) => type)).toEqual(['visit', 'known', 'sync'])
    expect(eva?.cookies).toEqual([COOKIE])
    expect(eva?.activities.map(({ type }) => type)).toEqual(['known', 'sync', 'sync', 'visit'])
  })

  it('moves from a known lead to a new lead, if the address is new', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    const answer = await simulator.sync({ email: 'eva@acme.example', cookie: COOKIE })

    const [ana, eva] = await simulator.leads()
    expect(answer).toMatchObject({ done: 'CREATED', leadId: 700002 })
    expect(ana).toMatchObject({ email: 'ana@acme.example', cookies: [] })
    expect(eva).toMatchObject({ email: 'eva@acme.example', cookies: [COOKIE] })
  })

  it('identifies a known lead without an address, which then gets the address', async () => {
    const simulator = openSimulator()
    await simulator.sync({ cookie: COOKIE })

    const answer = await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
  })

  it('is ignored if it belongs to another account', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')

    await simulator.sync({ email: 'ana@acme.example', cookie: `id:999-XYZ-999&token:${TOKEN}` })

    const leads = await simulator.leads()
    expect(leads.map(({ known, cookies }) => [known, cookies])).toEqual([
      [false, [COOKIE]],
      [true, []],
    ])
  })

  it('is not a key if it belongs to another account', async () => {
    const simulator = openSimulator()

    const answer = await simulator.sync({ cookie: `id:999-XYZ-999&token:${TOKEN}` })

    expect(answer.code).toBe('20101')
  })

  it('keeps the first spelling of its lead’s address', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'Ana@Acme.example', cookie: COOKIE })

    await simulator.sync({ email: 'ana@acme.EXAMPLE', cookie: COOKIE })

    const leads = await simulator.leads()
    expect(leads.map(({ email }) => email)).toEqual(['Ana@Acme.example'])
  })

  it('is ignored if it is percent-encoded', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')

    await simulator.sync({ email: 'ana@acme.example', cookie: encodeURIComponent(COOKIE) })

    const leads = await simulator.leads()
    expect(leads.map(({ known, cookies }) => [known, cookies])).toEqual([
      [false, [COOKIE]],
      [true, []],
    ])
  })

  it('may be one of several cookies of a person', async () => {
    const simulator = openSimulator()
    await simulator.visit(OTHER_TOKEN, '/')
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    await simulator.sync({ email: 'ana@acme.example', cookie: OTHER_COOKIE })

    const leads = await simulator.leads()
    expect(leads.map(({ cookies }) => cookies)).toEqual([[COOKIE, OTHER_COOKIE]])
  })
})

describe('the e-mail address', () => {
  it('is case-insensitive and keeps its first spelling', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'Ana@Acme.example' })

    const answer = await simulator.sync({ email: ' ana@acme.EXAMPLE ' })

    const leads = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
    expect(leads.map(({ email }) => email)).toEqual(['Ana@Acme.example'])
  })

  it('identifies the lead updated last of several with the same address', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })
    await simulator.sync({ id: 700001 })

    const answer = await simulator.sync({ email: 'ana@acme.example' })

    expect(answer.leadId).toBe(700001)
  })

  it('identifies the lead with the cookie of the call, of several with the same address', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })

    const answer = await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    expect(answer.leadId).toBe(700001)
  })
})
