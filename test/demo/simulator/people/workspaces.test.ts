import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, TOKEN, type Lead } from '../simulator-client.ts'

const SETTINGS = {
  workspaces: [{ name: 'Europe', partition: 'Europe People' }, 'Asia'],
  rules: [{ attribute: 'Country', value: 'Ireland', partition: 'Islands' }],
}

/** Someone in the primary partition of Europe, with every key. */
const ANA: Lead = {
  email: 'ana@acme.example',
  foreignId: 'F1',
  foreignType: 'CUSTOM',
  cookie: COOKIE,
  workspace: 'Europe',
}

const NOT_THERE = '<message>The lead is not in the primary partition of the target workspace (20110)</message>'
const NO_WORKSPACE = '<message>The target workspace does not exist (20110)</message>'

describe('with workspaces and a header', () => {
  it('a new lead that an assignment rule fits is created in the partition of the rule', async () => {
    const simulator = openSimulator(SETTINGS)

    await simulator.sync({ email: 'ana@acme.example', workspace: 'Europe', attributes: { Country: 'IRELAND' } })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Islands' })
  })

  it('a new lead that no rule fits is created in the primary partition of the named workspace', async () => {
    const simulator = openSimulator(SETTINGS)

    await simulator.sync({ email: 'ana@acme.example', workspace: 'Europe', attributes: { Country: 'Portugal' } })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Europe People' })
  })

  it('a visitor who becomes known is a new lead', async () => {
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
    ['cookie, with its own address beside it,', { cookie: COOKIE, email: 'ANA@acme.example' }],
  ])('a lead that its %s finds must be in the primary partition of the named workspace', async (_, key) => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync(ANA)

    const elsewhere = await simulator.sync({ ...key, workspace: 'Asia', attributes: { City: 'Cork' } })
    const there = await simulator.sync({ ...key, workspace: 'Europe' })

    const [lead] = await simulator.leads()
    expect(elsewhere.code).toBe('20110')
    expect(elsewhere.body).toContain(NOT_THERE)
    expect(there.done).toBe('UPDATED')
    expect(lead?.attributes).toEqual({})
  })

  it('a lead that a rule put into another partition is not in the workspace’s primary one', async () => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync({ ...ANA, attributes: { Country: 'Ireland' } })

    const answer = await simulator.sync({ id: 700001, workspace: 'Europe' })

    expect(answer.body).toContain(NOT_THERE)
  })

  it('a lead that its e-mail address finds, with the cookie of another, is updated where it is', async () => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync(ANA)
    await simulator.sync({ email: 'eva@acme.example', workspace: 'Europe' })

    const answer = await simulator.sync({ email: 'eva@acme.example', cookie: COOKIE, workspace: 'Asia' })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700002 })
  })

  it.each(['Asia', 'Nowhere'])(
    'a lead that its e-mail address finds is updated where it is; %s is ignored',
    async (workspace) => {
      const simulator = openSimulator(SETTINGS)
      await simulator.sync(ANA)

      const answer = await simulator.sync({ email: 'ana@acme.example', workspace })

      const [lead] = await simulator.leads()
      expect(answer.done).toBe('UPDATED')
      expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Europe People' })
    },
  )

  it.each(['Nowhere', 'europe'])('a workspace that there is not is refused: %s', async (workspace) => {
    const simulator = openSimulator(SETTINGS)

    const answer = await simulator.sync({ email: 'ana@acme.example', workspace })

    expect(answer.body).toContain(NO_WORKSPACE)
    expect(await simulator.leads()).toEqual([])
  })
})

describe('with workspaces and without a header', () => {
  it('a new lead that an assignment rule fits is created in the partition of the rule', async () => {
    const simulator = openSimulator(SETTINGS)

    await simulator.sync({ email: 'ana@acme.example', attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Default', partition: 'Islands' })
  })

  it('a new lead that no rule fits is created in the primary partition of "Default"', async () => {
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
  ])('a lead that its %s finds is updated in its current partition', async (_, key) => {
    const simulator = openSimulator(SETTINGS)
    await simulator.sync(ANA)

    const answer = await simulator.sync({ ...key, attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
    expect(lead).toMatchObject({ workspace: 'Europe', partition: 'Europe People' })
  })
})

describe('without workspaces', () => {
  it.each([undefined, 'Default', 'default'])(
    'the target is "Default", whether it is named or not: %s',
    async (named) => {
      const simulator = openSimulator({ ...SETTINGS, workspaces: 'off' })

      await simulator.sync({
        email: 'ana@acme.example',
        attributes: { Country: 'Ireland' },
        ...(named !== undefined && { workspace: named }),
      })

      const [lead] = await simulator.leads()
      expect(lead).toMatchObject({ workspace: 'Default', partition: 'Default' })
    },
  )

  it('no other one may be named', async () => {
    const simulator = openSimulator({ workspaces: 'off' })

    const answer = await simulator.sync({ email: 'ana@acme.example', workspace: 'Europe' })

    expect(answer.body).toContain(NO_WORKSPACE)
  })
})

describe('unless something else is said', () => {
  it('a workspace is there as soon as it is named', async () => {
    const simulator = openSimulator()

    await simulator.sync({ email: 'ana@acme.example', workspace: 'Mare Tranquillitatis' })

    const [lead] = await simulator.leads()
    expect(lead).toMatchObject({ workspace: 'Mare Tranquillitatis', partition: 'Mare Tranquillitatis' })
  })
})

describe('/sim/workspaces', () => {
  it('sets what is named and leaves the rest, until a reset', async () => {
    const simulator = openSimulator({ rules: SETTINGS.rules })

    const set = await simulator.control('/sim/workspaces', { workspaces: ['Europe'] })
    const refused = await simulator.sync({ email: 'ana@acme.example', workspace: 'Asia' })
    await simulator.app.request('/sim/reset', { method: 'POST' })
    const letIn = await simulator.sync({ email: 'ana@acme.example', workspace: 'Asia' })

    expect(await set.json()).toEqual({ workspaces: ['Europe'], rules: SETTINGS.rules })
    expect([refused.code, letIn.done]).toEqual(['20110', 'CREATED'])
  })

  it('takes rules', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/workspaces', { rules: SETTINGS.rules })

    await simulator.sync({ email: 'ana@acme.example', attributes: { Country: 'Ireland' } })

    const [lead] = await simulator.leads()
    const told = await simulator.app.request('/sim/workspaces')
    expect(lead?.partition).toBe('Islands')
    expect(await told.json()).toEqual({ workspaces: 'any', rules: SETTINGS.rules })
  })
})
