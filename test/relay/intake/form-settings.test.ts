import { describe, expect, it } from 'vitest'
import { readForms, type Form } from '../../../relay/config/forms.ts'
import { applySettings, settingsOf } from '../../../relay/intake/form-settings.ts'
import { createLead } from '../../../relay/intake/intake.ts'
import type { Lead, LeadId } from '../../../relay/intake/lead.ts'
import { editLead } from '../../../relay/outbox/edit.ts'

function formOf(change: object): Form {
  const fields = {
    Email: { type: 'email', required: true },
    customer: { attribute: 'Customer__c', required: true },
    agreed: { attribute: 'Agreed__c', type: 'boolean' },
  }
  const contact = { origins: ['https://www.acme.example'], fields, ...change }
  const forms = readForms({ forms: { contact } }, (place, problem) => {
    throw new Error(`${place}: ${problem}`)
  })
  return forms.get('contact')!
}

function leadOf(form: Form): Lead {
  const fields = new Map([
    ['Email', ['ana@acme.example']],
    ['customer', ['c-1']],
    ['agreed', ['on']],
  ])
  const context = { newId: () => 'a' as LeadId, now: 0, cookies: null }
  const intake = createLead(form, { fields, extras: new Map() }, context)
  if (!intake.ok) throw new Error('the submission is not valid')
  return intake.lead
}

const SETTINGS = { partition: 'Europe', lookup: 'Customer__c' }

describe('partition and lookup field of a form', () => {
  it('are part of its leads', () => {
    expect(leadOf(formOf(SETTINGS))).toMatchObject(SETTINGS)
    expect(Object.keys(leadOf(formOf({})))).not.toContain('partition')
  })

  it('are those of today when a lead is replayed', () => {
    const settings = (form: Form) => settingsOf([form])['contact']!
    const lead = leadOf(formOf({ ...SETTINGS, partition: 'Erope' }))

    const moved = applySettings(lead, settings(formOf(SETTINGS)))
    const without = applySettings(lead, settings(formOf({})))

    expect(moved).toEqual({ ...lead, partition: 'Europe' })
    expect(Object.keys(without)).not.toEqual(expect.arrayContaining(['partition']))
    expect(Object.keys(without)).not.toEqual(expect.arrayContaining(['lookup']))
  })
})

describe('a Marketo form', () => {
  const FORM = { marketoForm: 1029, program: 1044, receipt: 'Form_Sync_Id__c' }
  const VISIT = { pageURL: 'https://www.acme.example/pilot', userAgentString: 'Browser/1' }
  const settings = (form: Form) => settingsOf([form])['contact']!

  it('is part of the leads of its form, with program and receipt', () => {
    expect(leadOf(formOf(FORM))).toMatchObject(FORM)
    expect(leadOf(formOf({ duplicates: 'newest' }))).toMatchObject({ duplicates: 'newest' })
  })

  it('is that of today when a lead is replayed, and the visit goes where there is none', () => {
    const lead: Lead = { ...leadOf(formOf(FORM)), visit: VISIT }

    const moved = applySettings(lead, settings(formOf({ marketoForm: 1030 })))
    const without = applySettings(lead, settings(formOf({ duplicates: 'newest' })))

    expect(moved).toMatchObject({ marketoForm: 1030, visit: VISIT })
    expect(Object.keys(moved)).not.toEqual(expect.arrayContaining(['program']))
    expect(Object.keys(without).filter((key) => key in { ...FORM, visit: 1 })).toEqual([])
    expect(without.duplicates).toBe('newest')
  })

  it('gets no second receipt with what was left of a delivered lead', () => {
    const left = leadOf(formOf(FORM))

    const edited = editLead(left, { forms: { contact: settings(formOf(FORM)) } }, true)

    expect(edited).toMatchObject({ lead: { marketoForm: 1029, program: 1044 } })
    expect(edited).not.toHaveProperty('lead.receipt')
  })
})

describe('attributes that are sent only where Marketo has no value', () => {
  const fields = {
    Email: { type: 'email', required: true },
    customer: { attribute: 'Customer__c', required: true, overwrite: 'when-empty' },
  }

  it('are named on the leads of their form, and those of today when a lead is replayed', () => {
    const lead = leadOf(formOf({ fields }))
    const of = (form: Form) => settingsOf([form])['contact']!

    expect(lead).toMatchObject({ whenEmpty: ['Customer__c'] })
    expect(leadOf(formOf({}))).not.toHaveProperty('whenEmpty')
    expect(applySettings(lead, of(formOf({})))).not.toHaveProperty('whenEmpty')
    expect(applySettings(leadOf(formOf({})), of(formOf({ fields })))).toMatchObject({ whenEmpty: ['Customer__c'] })
  })
})

describe('a boolean value', () => {
  const agreed = { name: 'Agreed__c', value: '1', type: 'boolean' }

  it('is stored with its type', () => {
    expect(leadOf(formOf({})).attributes).toEqual([{ name: 'Customer__c', value: 'c-1' }, agreed])
  })

  it('keeps its type when an operator renames it or gives it another value', () => {
    const edited = editLead(leadOf(formOf({})), {
      drop: ['Customer__c'],
      rename: { Agreed__c: 'Consent__c' },
      set: { Consent__c: '0' },
    })

    expect(edited).toMatchObject({ lead: { attributes: [{ name: 'Consent__c', value: '0', type: 'boolean' }] } })
  })
})
