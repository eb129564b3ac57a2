/** Overlapping calls: Marketo searches first and writes later, so that neither call sees the other's write. */
import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, TOKEN, type SimulatorClient } from '../simulator-client.ts'

const ANA = { email: 'ana@acme.example' }

describe('two calls for one new address', () => {
  it('create two people if they overlap', async () => {
    const { simulator, finish } = await begin(2)

    const answers = await finish(simulator.sync(ANA), simulator.sync({ email: 'ANA@acme.example' }))

    expect(answers).toEqual(['CREATED', 'CREATED'])
    expect((await simulator.leads()).map(({ id }) => id)).toEqual([700001, 700002])
  })

  it('create one person if the second arrives after the first was answered', async () => {
    const { simulator, finish } = await begin(1)
    const first = await finish(simulator.sync(ANA))

    const second = await simulator.sync(ANA)

    expect([...first, second.done]).toEqual(['CREATED', 'UPDATED'])
    expect(await simulator.leads()).toHaveLength(1)
  })

  it('create two people even if the later call is answered first', async () => {
    const { simulator, finish } = await begin(1)
    const slow = simulator.sync(ANA)
    await simulator.waitForActiveCalls(1)
    const quick = await simulator.sync(ANA)

    const [late] = await finish(slow)

    expect([quick.done, late]).toEqual(['CREATED', 'CREATED'])
    expect(await simulator.leads()).toHaveLength(2)
  })

  it('create two people if one is a syncMultipleLeads, which matches its own duplicates', async () => {
    const { simulator, finish } = await begin(2)
    const record = '<leadRecord><Email>ana@acme.example</Email></leadRecord>'
    const many = simulator.ask('SyncMultipleLeads', `<leadRecordList>${record}${record}</leadRecordList>`)

    await finish(many, simulator.sync(ANA))

    expect(await simulator.leads()).toHaveLength(2)
  })

  it('create two people even with the same cookie, which belongs to the second', async () => {
    const { simulator, finish } = await begin(2)
    await simulator.visit(TOKEN, '/')

    await finish(simulator.sync({ ...ANA, cookie: COOKIE }), simulator.sync({ ...ANA, cookie: COOKIE }))

    const leads = await simulator.leads()
    expect(leads.map(({ email, cookies }) => [email, cookies])).toEqual([
      ['ana@acme.example', []],
      ['ana@acme.example', [COOKIE]],
    ])
  })
})

describe('two overlapping calls write one person', () => {
  it('if the address existed before they began', async () => {
    const { simulator, finish } = await begin(2)
    await simulator.app.request('/sim/faults', { method: 'DELETE' })
    await simulator.sync(ANA)
    await simulator.control('/sim/faults', { fault: 'slow', times: 2 })

    const answers = await finish(
      simulator.sync({ ...ANA, attributes: { Email: 'Ana@acme.example' } }),
      simulator.sync(ANA),
    )

    expect(answers).toEqual(['UPDATED', 'UPDATED'])
    expect(await simulator.leads()).toHaveLength(1)
  })

  it('if a foreign id identifies the person, because it is unique', async () => {
    const { simulator, finish } = await begin(2)
    const lead = { ...ANA, foreignId: 'crm-7', foreignType: 'CUSTOM' }

    const answers = await finish(simulator.sync(lead), simulator.sync(lead))

    expect(new Set(answers)).toEqual(new Set(['CREATED', 'UPDATED']))
    expect(await simulator.leads()).toHaveLength(1)
  })
})

/** Creates a simulator whose next `slow` calls stay in progress until `finish`, which ends them in order. */
async function begin(slow: number) {
  const gate = Promise.withResolvers<void>()
  const simulator = openSimulator({ wait: () => gate.promise })
  await simulator.control('/sim/faults', { fault: 'slow', times: slow })
  const finish = async (...calls: ReturnType<SimulatorClient['sync']>[]): Promise<(string | undefined)[]> => {
    await simulator.waitForActiveCalls(calls.length)
    gate.resolve()
    return (await Promise.all(calls)).map(({ done }) => done)
  }
  return { simulator, finish }
}
