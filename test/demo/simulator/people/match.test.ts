import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, OTHER_COOKIE, OTHER_TOKEN, TOKEN } from '../simulator-client.ts'

describe('no key', () => {
  it.each([
    ['e-mail address', { email: 'ana@acme.example' }],
    ['foreign id', { foreignId: 'F1', foreignType: 'CUSTOM' }],
    ['cookie', { cookie: COOKIE }],
  ])('finds anybody: a lead is created under its %s', async (_, key) => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F2', foreignType: 'CUSTOM', cookie: OTHER_COOKIE })

    const answer = await simulator.sync(key)

    expect(answer).toMatchObject({ done: 'CREATED', leadId: 700002 })
  })
})

describe('Id', () => {
  it('decides before foreign id, cookie and e-mail', async () => {
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

  it('re-points a foreign id that was another lead’s', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })

    await simulator.sync({ id: 700001, foreignId: 'F1', foreignType: 'CUSTOM' })

    const [ana, eva] = await simulator.leads()
    expect(ana?.foreignIds).toEqual([{ id: 'F1', type: 'CUSTOM' }])
    expect(eva?.foreignIds).toEqual([])
  })

  it('gives the lead another e-mail address', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })

    await simulator.sync({ id: 700001, email: 'ana@new.example' })

    const leads = await simulator.leads()
    expect(leads.map(({ email }) => email)).toEqual(['ana@new.example'])
  })
})

describe('foreign id', () => {
  it('decides before e-mail, and the address is updated', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'eva@acme.example' })

    const answer = await simulator.sync({ email: 'eva@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })

    const leads = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
    expect(leads.map(({ email }) => email)).toEqual(['eva@acme.example', 'eva@acme.example'])
  })

  it('is a key by itself', async () => {
    const simulator = openSimulator()
    await simulator.sync({ foreignId: 'F1', foreignType: 'NETSUITE' })

    const answer = await simulator.sync({ foreignId: 'F1', foreignType: 'NETSUITE' })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
  })

  it('is another one in another system', async () => {
    const simulator = openSimulator()
    await simulator.sync({ foreignId: 'F1', foreignType: 'NETSUITE' })

    const answer = await simulator.sync({ foreignId: 'F1', foreignType: 'SFDC' })

    expect(answer.done).toBe('CREATED')
  })

  it('that nobody has is given to the lead that the e-mail address finds; one lead may have several', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })

    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })

    const leads = await simulator.leads()
    expect(leads.map(({ foreignIds }) => foreignIds.map(({ id }) => id))).toEqual([['F1', 'F2']])
  })
})

describe('cookie', () => {
  it('decides where neither Id nor foreign id nor e-mail says otherwise', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    await simulator.sync({ foreignId: 'F1', foreignType: 'CUSTOM' })

    const byCookie = await simulator.sync({ cookie: COOKIE })
    const byForeignId = await simulator.sync({ cookie: COOKIE, foreignId: 'F1', foreignType: 'CUSTOM' })

    expect([byCookie.leadId, byForeignId.leadId]).toEqual([700001, 700002])
  })

  it('makes an anonymous visitor known, with the visits from before', async () => {
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

  it('is enough of a key by itself', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')

    const answer = await simulator.sync({ cookie: COOKIE, attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    expect(answer.leadId).toBe(700001)
    expect(lead).toMatchObject({ known: true, email: null, attributes: { Country: 'Ireland' } })
  })

  it('that was never seen belongs to the lead from now on, and its later visits too', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    await simulator.visit(TOKEN, '/thanks')

    const leads = await simulator.leads()
    expect(leads).toHaveLength(1)
    expect(leads[0]?.activities.at(-1)).toMatchObject({ type: 'visit', url: 'https://www.acme.example/thanks' })
  })

  it('of an anonymous visitor brings the history to the known person that the address finds, in order', async () => {
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

  it('of another known lead is re-pointed to the lead of the address, and old activity stays', async () => {
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

  it('of another known lead does not make an unknown address that lead’s: a new one is created', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    const answer = await simulator.sync({ email: 'eva@acme.example', cookie: COOKIE })

    const [ana, eva] = await simulator.leads()
    expect(answer).toMatchObject({ done: 'CREATED', leadId: 700002 })
    expect(ana).toMatchObject({ email: 'ana@acme.example', cookies: [] })
    expect(eva).toMatchObject({ email: 'eva@acme.example', cookies: [COOKIE] })
  })

  it('of a known lead without an address takes the first address that comes', async () => {
    const simulator = openSimulator()
    await simulator.sync({ cookie: COOKIE })

    const answer = await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
  })

  it('of another account associates nothing', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')

    await simulator.sync({ email: 'ana@acme.example', cookie: `id:999-XYZ-999&token:${TOKEN}` })

    const leads = await simulator.leads()
    expect(leads.map(({ known, cookies }) => [known, cookies])).toEqual([
      [false, [COOKIE]],
      [true, []],
    ])
  })

  it('of another account is no key', async () => {
    const simulator = openSimulator()

    const answer = await simulator.sync({ cookie: `id:999-XYZ-999&token:${TOKEN}` })

    expect(answer.code).toBe('20101')
  })

  it('with its own lead’s address leaves the address as it was written first', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'Ana@Acme.example', cookie: COOKIE })

    await simulator.sync({ email: 'ana@acme.EXAMPLE', cookie: COOKIE })

    const leads = await simulator.leads()
    expect(leads.map(({ email }) => email)).toEqual(['Ana@Acme.example'])
  })

  it('that is percent-encoded associates nothing', async () => {
    const simulator = openSimulator()
    await simulator.visit(TOKEN, '/')

    await simulator.sync({ email: 'ana@acme.example', cookie: encodeURIComponent(COOKIE) })

    const leads = await simulator.leads()
    expect(leads.map(({ known, cookies }) => [known, cookies])).toEqual([
      [false, [COOKIE]],
      [true, []],
    ])
  })

  it('of two devices are both the person’s', async () => {
    const simulator = openSimulator()
    await simulator.visit(OTHER_TOKEN, '/')
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    await simulator.sync({ email: 'ana@acme.example', cookie: OTHER_COOKIE })

    const leads = await simulator.leads()
    expect(leads.map(({ cookies }) => cookies)).toEqual([[COOKIE, OTHER_COOKIE]])
  })
})

describe('e-mail', () => {
  it('finds the lead in any case of letters, and the address stays as it was', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'Ana@Acme.example' })

    const answer = await simulator.sync({ email: ' ana@acme.EXAMPLE ' })

    const leads = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
    expect(leads.map(({ email }) => email)).toEqual(['Ana@Acme.example'])
  })

  it('is not unique: of several leads the one that was updated last is meant', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F1', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })
    await simulator.sync({ id: 700001 })

    const answer = await simulator.sync({ email: 'ana@acme.example' })

    expect(answer.leadId).toBe(700001)
  })

  it('of several leads means the one whose cookie comes with it', async () => {
    const simulator = openSimulator()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    await simulator.sync({ email: 'eva@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })
    await simulator.sync({ email: 'ana@acme.example', foreignId: 'F2', foreignType: 'CUSTOM' })

    const answer = await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    expect(answer.leadId).toBe(700001)
  })
})
