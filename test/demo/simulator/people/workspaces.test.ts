import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, TOKEN, type Lead } from '../simulator-client.ts'

const SETTINGS = {
  workspaces: [{ name: 'Europe', partition: 'Europe People' }, 'Asia'],
  rules: [{ attribute: 'Country', value: 'Ireland', partition: 'Islands' }],
}

/** A lead in the primary partition of Europe, with every key. */
const ANA: Lead = {
  email: 'ana@acme.example',
  foreignId: 'F1',
  foreignType: 'CUSTOM',
  cookie: COOKIE,
  workspace: 'Europe',
}

const WRONG_PARTITION = '<message>The lead is not in the primary partition of the target workspace (20110)</message>'
const NO_WORKSPACE = '<message>The target workspace does not exist (20110)</message>'

describe('with workspaces and a header', () => {
  it('a new lead that matches an assignment rule is created in the partition of the rule', async () => {
    const simulator = openSimulator(SETTINGS)

    await simulator.sync({ email: 'ana@acme.example', workspace: 'Europe', attributes: { Country: 'IRELAND' } })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Islands' })
  })

  it('a new lead that matches no rule is created in the primary partition of the named workspace', async () => {
    const simulator = openSimulator(SETTINGS)

    await simulator.sync({ email: 'ana@acme.example', workspace: 'Europe', attributes: { Country: 'Portugal' } })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Europe People' })
  })

  it('a visitor who becomes known counts as a new lead', async () => {
    const simulator = openSimulator(SETTINGS)
    await simulator.visit(TOKEN, '/')

    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE, workspace: 'Asia' })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ known: true, workspace: 'Asia', partition: 'Asia' })
  })

  it.each([
    ['Id', { id: 700001 }],
    ['foreign id', { foreignId: 'F1', foreignType: 'CUSTOM' }],
    ['cookie', { cookie: COOKIE }],
    ['cookie together with its address', { cookie: COOKIE, email: 'ANA@acme.example' }],
  ])('a lead found by %s must be in the primary partition of the named workspace', async (_, key) => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync(ANA)

    const rejected = await simulator.sync({ ...key, workspace: 'Asia', attributes: { City: 'Cork' } })
    const accepted = await simulator.sync({ ...key, workspace: 'Europe' })

    const [lead] = await simulator.leads()
    expect(rejected.code).toBe('20110')
    expect(rejected.body).toContain(WRONG_PARTITION)
    expect(accepted.done).toBe('UPDATED')
    expect(lead?.attributes).toEqual({})
  })

  it('a lead that a rule assigned to another partition is not in the primary partition', async () => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync({ ...ANA, attributes: { Country: 'Ireland' } })

    const answer = await simulator.sync({ id: 700001, workspace: 'Europe' })

    expect(answer.body).toContain(WRONG_PARTITION)
  })

  it('a lead found by e-mail is updated in its own partition, even with the cookie of another lead', async () => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync(ANA)
    await simulator.sync({ email: 'eva@acme.example', workspace: 'Europe' })

    const answer = await simulator.sync({ email: 'eva@acme.example', cookie: COOKIE, workspace: 'Asia' })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700002 })
  })

  it.each(['Asia', 'Nowhere'])(
    'a lead found by e-mail is updated in its own partition, and the header %s is ignored',
    async (workspace) => {
      const simulator = openSimulator(SETTINGS)
      await simulator.sync(ANA)

      const answer = await simulator.sync({ email: 'ana@acme.example', workspace })

      const [lead] = await simulator.leads()
      expect(answer.done).toBe('UPDATED')
      expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Europe People' })
    },
  )

  it.each(['Nowhere', 'europe'])('an unknown workspace is rejected: %s', async (workspace) => {
    const simulator = openSimulator(SETTINGS)

    const answer = await simulator.sync({ email: 'ana@acme.example', workspace })

    expect(answer.body).toContain(NO_WORKSPACE)
    expect(await simulator.leads()).toEqual([])
  })
})

describe('with workspaces and without a header', () => {
  it('a new lead that matches an assignment rule is created in the partition of the rule', async () => {
    const simulator = openSimulator(SETTINGS)

    await simulator.sync({ email: 'ana@acme.example', attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Default', partition: 'Islands' })
  })

  it('a new lead that matches no rule is created in the primary partition of "Default"', async () => {
    const simulator = openSimulator(SETTINGS)

    await simulator.sync({ email: 'ana@acme.example' })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Default', partition: 'Default' })
  })

  it.each([
    ['Id', { id: 700001 }],
    ['foreign id', { foreignId: 'F1', foreignType: 'CUSTOM' }],
    ['cookie', { cookie: COOKIE }],
    ['e-mail address', { email: 'ana@acme.example' }],
  ])('a lead found by %s is updated in its own partition', async (_, key) => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync(ANA)

    const answer = await simulator.sync({ ...key, attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
    expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Europe People' })
  })
})

describe('without workspaces', () => {
  it.each([undefined, 'Default', 'default'])('leads are created in "Default" for the header %s', async (named) => {
    const simulator = openSimulator({ ...SETTINGS, workspaces: 'off' })

    await simulator.sync({
      email: 'ana@acme.example',
      attributes: { Country: 'Ireland' },
      ...(named !== undefined && { workspace: named }),
    })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Default', partition: 'Default' })
  })

  it('any other workspace is rejected, also for a lead that is there', async () => {
    const simulator = openSimulator({ workspaces: 'off' })
    await simulator.sync({ email: 'ana@acme.example' })

    const answer = await simulator.sync({ email: 'ana@acme.example', workspace: 'Europe' })

    expect(answer.body).toContain(NO_WORKSPACE)
  })
})

describe('by default', () => {
  it('there are no workspaces, so that a misspelt name is refused', async () => {
    const simulator = openSimulator()

    const answer = await simulator.sync({ email: 'ana@acme.example', workspace: 'Mare Tranquilitatis' })

    expect(answer.body).toContain(NO_WORKSPACE)
  })
})

describe('with any workspace', () => {
  it('every name is a workspace', async () => {
    const simulator = openSimulator({ workspaces: 'any' })

    await simulator.sync({ email: 'ana@acme.example', workspace: 'Mare Tranquillitatis' })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Mare Tranquillitatis', partition: 'Mare Tranquillitatis' })
  })
})

describe('/sim/workspaces', () => {
  it('changes the given settings and keeps the others, until a reset', async () => {
    const simulator = openSimulator({ workspaces: 'any', rules: SETTINGS.rules })

    const set = await simulator.control('/sim/workspaces', { workspaces: ['Europe'] })
    const rejected = await simulator.sync({ email: 'ana@acme.example', workspace: 'Asia' })
    await simulator.app.request('/sim/reset', { method: 'POST' })
    const accepted = await simulator.sync({ email: 'ana@acme.example', workspace: 'Asia' })

    expect(await set.json()).toEqual({ workspaces: ['Europe'], rules: SETTINGS.rules })
    expect([rejected.code, accepted.done]).toEqual(['20110', 'CREATED'])
  })

  it('accepts assignment rules', async () => {
    const simulator = openSimulator({ workspaces: 'any' })
    await simulator.control('/sim/workspaces', { rules: SETTINGS.rules })

    await simulator.sync({ email: 'ana@acme.example', attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    const settings = await simulator.app.request('/sim/workspaces')
    expect(lead?.partition).toBe('Islands')
    expect(await settings.json()).toEqual({ workspaces: 'any', rules: SETTINGS.rules })
  })
})
