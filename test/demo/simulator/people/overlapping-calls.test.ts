/** Calls that overlap: Marketo looks for a person first and writes later, and two that come at once do not see each other. */
import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, TOKEN, type SimulatorClient } from '../simulator-client.ts'

const ANA = { email: 'ana@acme.example' }

describe('two calls for one new address', () => {
  it('make two people when they overlap', async () => {
    const { simulator, finish } = await begin(2)

    const answers = await finish(simulator.sync(ANA), simulator.sync({ email: 'ANA@acme.example' }))

    expect(answers).toEqual(['CREATED', 'CREATED'])
    expect((await simulator.leads()).map(({ id }) => id)).toEqual([700001, 700002])
  })

  it('make one when the second comes after the first was answered', async () => {
    const { simulator, finish } = await begin(1)
    const first = await finish(simulator.sync(ANA))

    const second = await simulator.sync(ANA)

    expect([...first, second.done]).toEqual(['CREATED', 'UPDATED'])
    expect(await simulator.leads()).toHaveLength(1)
  })

  it('make two also when the one that began later is answered first', async () => {
    const { simulator, finish } = await begin(1)
    const slow = simulator.sync(ANA)
    await simulator.waitForActiveCalls(1)
    const quick = await simulator.sync(ANA)

    const [late] = await finish(slow)

    expect([quick.done, late]).toEqual(['CREATED', 'CREATED'])
    expect(await simulator.leads()).toHaveLength(2)
  })

  it('make two when one of them brings many leads, and one of its own that come twice', async () => {
    const { simulator, finish } = await begin(2)
    const record = '<leadRecord><Email>ana@acme.example</Email></leadRecord>'
    const many = simulator.ask('SyncMultipleLeads', `<leadRecordList>${record}${record}</leadRecordList>`)

    await finish(many, simulator.sync(ANA))

    expect(await simulator.leads()).toHaveLength(2)
  })

  it('make two although they bring one cookie, which is the last one’s', async () => {
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

describe('two calls that overlap write one person', () => {
  it('when the address was there before they began', async () => {
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

  it('when a foreign id says who it is, which is unique', async () => {
    const { simulator, finish } = await begin(2)
    const lead = { ...ANA, foreignId: 'crm-7', foreignType: 'CUSTOM' }

    const answers = await finish(simulator.sync(lead), simulator.sync(lead))

    expect(new Set(answers)).toEqual(new Set(['CREATED', 'UPDATED']))
    expect(await simulator.leads()).toHaveLength(1)
  })
})

/** A simulator whose next calls, so many, are in work until `finish` lets all of them come to their end, in their order. */
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
