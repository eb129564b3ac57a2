import { describe, expect, it } from 'vitest'
import { isSelected, type LeadSelector } from '../../../relay/outbox/selection.ts'
import type { JobRecord } from '../../../relay/outbox/outbox.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { lead, T } from '../../suites/outbox/leads.ts'

/** Returns the record of a held lead. */
async function heldLead(): Promise<JobRecord> {
  const outbox = createMemoryOutbox()
  await outbox.add([lead('a', { email: 'Ana@ACME.example', hold: 'spam', rules: ['links', 'markup'] })], T)
  return (await outbox.find('a'))!
}

describe('a lead', () => {
  it.each<[string, LeadSelector]>([
    ['no condition', {}],
    ['the domain of its address', { domain: 'acme.example' }],
    ['one of its rules', { rule: 'markup' }],
    ['the time of its acceptance', { acceptedFrom: T, acceptedUntil: T + 1 }],
    ['its id, state and form', { id: 'a', state: 'held', form: 'contact' }],
  ])('is selected by %s', async (_, selector) => {
    expect(isSelected(await heldLead(), selector)).toBe(true)
  })

  it.each<[string, LeadSelector]>([
    ['a part of its domain', { domain: 'example' }],
    ['a part of a rule', { rule: 'link' }],
    ['the time after its acceptance', { acceptedFrom: T + 1 }],
    ['the time before its acceptance', { acceptedUntil: T }],
    ['another id', { id: 'b' }],
    ['another state', { state: 'parked' }],
    ['another form', { form: 'demo' }],
  ])('is not selected by %s', async (_, selector) => {
    expect(isSelected(await heldLead(), selector)).toBe(false)
  })
})
