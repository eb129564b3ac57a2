/** A post as guards examine it, made of a lead. */
import type { ExaminedPost } from '../../relay/guards/guard.ts'
import { typedTexts } from '../../relay/guards/typed-texts.ts'
import { readForms } from '../../relay/config/forms.ts'
import type { Lead } from '../../relay/intake/lead.ts'
import { lead } from '../suites/outbox/leads.ts'
import { ACME, NOW } from './relay.ts'

const FORM = readForms(
  {
    forms: {
      contact: {
        origins: [ACME],
        fields: {
          Email: { type: 'email', required: true },
          FirstName: {},
          LastName: {},
          Company: {},
          Phone: { type: 'tel' },
          Message__c: { type: 'textarea' },
        },
        constants: { LeadSource: 'Web' },
      },
    },
  },
  (place, problem) => {
    throw new Error(`${place}: ${problem}`)
  },
).get('contact')!

let lastId = 0

/** Returns a post of an own lead, with these members. */
export function examinedPost(more: Partial<Lead> = {}, now = NOW): ExaminedPost {
  lastId += 1
  const own = lead(`examined-${lastId}`, { email: 'ana@acme.example', acceptedAt: now, ...more })
  return {
    form: FORM,
    submission: { fields: new Map(), extras: new Map() },
    lead: own,
    texts: typedTexts(FORM, own),
    page: ACME,
    network: undefined,
    now,
  }
}
