/** The test suite of the other project: no port, no server, fields of its own. */
import { createSimulator, STANDARD_FIELDS, type Field } from 'form-sync/simulator'
import { beforeEach, expect, it } from 'vitest'
import { saveCustomer } from './lead-store.ts'

const fields: Field[] = [
  ...STANDARD_FIELDS,
  { name: 'Loyalty_Points__c', type: 'integer', label: 'Loyalty points', custom: true },
]
const marketo = createSimulator({ fields })
const settings = { ...marketo.rest, fetch: marketo.fetch }

beforeEach(() => marketo.reset())

it('saves a customer with a field of our own', async () => {
  const id = await saveCustomer(settings, { email: 'ana@acme.example', firstName: 'Ana', loyaltyPoints: 7 })

  expect(await marketo.people()).toMatchObject([
    { id, email: 'ana@acme.example', attributes: { FirstName: 'Ana', Loyalty_Points__c: '7' } },
  ])
})

it('updates a customer who is there', async () => {
  const first = await saveCustomer(settings, { email: 'ana@acme.example' })
  const second = await saveCustomer(settings, { email: 'Ana@acme.example', firstName: 'Ana' })

  expect(second).toBe(first)
  expect(await marketo.people()).toHaveLength(1)
})

it('says why a customer was not saved', async () => {
  const saving = saveCustomer(settings, { email: 'ana@acme.example', loyaltyPoints: 1.5 })

  await expect(saving).rejects.toThrow("Invalid value '1.5'")
})
