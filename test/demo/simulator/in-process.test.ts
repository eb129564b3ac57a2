import { expect, it } from 'vitest'
import { createSimulator, STANDARD_FIELDS } from '../../../demo/simulator/in-process.ts'
import { createMarketo } from '../../../relay/marketo/index.ts'

it.each(['rest', 'soap'] as const)(
  'a simulator in the own process answers a client by %s, and shows the person and the calls',
  async (api) => {
    const simulator = createSimulator()
    const marketo = createMarketo({ ...simulator[api], fetch: simulator.fetch })

    const { leadId } = await marketo.syncLead({ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } })

    expect(await simulator.people()).toMatchObject([
      { id: leadId, email: 'ana@acme.example', attributes: { FirstName: 'Ana' } },
    ])
    expect((await simulator.calls()).map(({ ok }) => ok)).not.toContain(false)
  },
)

it('a simulator in the own process has the account of its options, and shares nothing with another one', async () => {
  const [first, second] = [createSimulator({ account: { clientSecret: 'other' } }), createSimulator()]
  const client = (secret: string) => createMarketo({ ...first.rest, clientSecret: secret, fetch: first.fetch })

  await client('other').syncLead({ email: 'ana@acme.example' })

  await expect(client('demo-client-secret').syncLead({ email: 'bo@acme.example' })).rejects.toThrow(/client/i)
  expect(await first.people()).toHaveLength(1)
  expect(await second.people()).toEqual([])
})

it('a reset leaves a simulator without people', async () => {
  const simulator = createSimulator()
  const marketo = createMarketo({
    ...simulator.rest,
    fetch: simulator.fetch,
  })
  await marketo.syncLead({ email: 'ana@acme.example' })

  await simulator.reset()

  expect(await simulator.people()).toEqual([])
})

it('a field of the options has its own names and size in both APIs', async () => {
  const loyalty = { name: 'Loyalty__c', restName: 'loyaltyLevel', type: 'string', size: 4, custom: true } as const
  const { rest, fetch } = createSimulator({ fields: [...STANDARD_FIELDS, loyalty] })
  const marketo = createMarketo({ ...rest, fetch })

  const described = await marketo.describe()

  expect(described).toContainEqual(expect.objectContaining({ name: 'loyaltyLevel', length: 4 }))
  expect(described.map(({ name }) => name)).not.toContain('Berths__c')
  await marketo.syncLead({ email: 'ana@acme.example', attributes: { loyaltyLevel: 'gold' } })
  await expect(
    marketo.syncLead({ email: 'ana@acme.example', attributes: { loyaltyLevel: 'silver' } }),
  ).rejects.toMatchObject({ code: '1077' })
})
