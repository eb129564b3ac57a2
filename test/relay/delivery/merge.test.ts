import { expect, it } from 'vitest'
import type { Lead } from '../../../relay/index.ts'
import { merge } from '../../../relay/delivery/merge.ts'

function lead(id: string, attributes: Record<string, string>, over: Partial<Lead> = {}): Lead {
  return {
    id,
    form: 'contact',
    person: 'ana@acme.example',
    email: 'ana@acme.example',
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    acceptedAt: 1,
    notes: [],
    ...over,
  }
}

it('leaves one lead as it is', () => {
  const one = lead('a', { FirstName: 'Ana' }, { cookie: 'id:1&token:2', workspace: 'Europe', notes: ['n'] })

  expect(merge([one])).toBe(one)
})

it('lets later answers win, an empty one too, and keeps what only an earlier one says', () => {
  const merged = merge([
    lead('a', { FirstName: 'Ana', Title: 'CTO', Company: 'Acme' }),
    lead('b', { Title: 'CEO' }),
    lead('c', { Company: '', City: 'Oslo' }, { email: 'Ana@Acme.example' }),
  ])

  expect(merged.attributes).toEqual([
    { name: 'FirstName', value: 'Ana' },
    { name: 'Title', value: 'CEO' },
    { name: 'Company', value: '' },
    { name: 'City', value: 'Oslo' },
  ])
  expect(merged.email).toBe('Ana@Acme.example')
})

it('keeps what they have in common, and each note once', () => {
  const common = { cookie: 'id:1&token:2', workspace: 'Europe' }

  const merged = merge([
    lead('a', {}, { ...common, notes: ['x', 'y'] }),
    lead('b', {}, { ...common, notes: ['y', 'z'] }),
  ])

  expect(merged).toMatchObject({ ...common, notes: ['x', 'y', 'z'] })
})
