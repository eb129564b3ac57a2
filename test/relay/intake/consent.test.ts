/** The visitor's decision about tracking, as a page posts it: what the form writes of it, and what it decides. */
import { describe, expect, it } from 'vitest'
import { readForms } from '../../../relay/config/forms.ts'
import { createLead } from '../../../relay/intake/intake.ts'
import type { LeadId } from '../../../relay/intake/lead.ts'
import { readBody } from '../../../relay/intake/submission.ts'
import { ACME, NOW } from '../../support/relay.ts'

const FIELDS = { Email: { type: 'email', required: true } }
const ALL = { decision: 'Consent__c', source: 'Consent_Source__c', time: 'Consent_Time__c', detail: 'Consent_Text__c' }
const FORMS = readForms(
  {
    forms: {
      all: { origins: [ACME], fields: FIELDS, consent: ALL },
      time: { origins: [ACME], fields: FIELDS, consent: { time: 'Consent_Time__c' } },
      plain: { origins: [ACME], fields: FIELDS },
      asks: { origins: [ACME], fields: FIELDS, associate: 'when-consented' },
    },
  },
  (place, problem) => expect.fail(`${place}: ${problem}`),
)

/** Posts fields as a browser does, in their order, and returns the lead. */
async function leadOf(form: string, ...posted: [name: string, value: string][]) {
  const body = new URLSearchParams([['Email', 'ana@acme.example'], ...posted])
  const read = await readBody(new Request(`${ACME}/f/${form}`, { method: 'POST', body }))
  if (!read.ok) throw new Error(read.rejection.detail)
  const newId = () => '11111111-1111-4111-8111-111111111111' as LeadId
  const intake = createLead(FORMS.get(form)!, read.value, { newId, now: NOW, cookies: null, page: ACME })
  if (!intake.ok) throw new Error(JSON.stringify(intake.errors))
  const attributes = Object.fromEntries(intake.lead.attributes.map(({ name, value }) => [name, value]))
  return { attributes, notes: intake.lead.notes, cookie: intake.lead.cookie }
}

const GRANTED: [string, string][] = [
  ['_consent', 'granted'],
  ['_consent_source', 'tcf'],
  ['_consent_time', '2026-11-20T08:00:00Z'],
  ['_consent_detail', 'CPXxRfAPXxRfAAfKABENB'],
]

describe('the decision of a visitor', () => {
  it('is written as the form maps it', async () => {
    const { attributes, notes } = await leadOf('all', ...GRANTED)

    expect(attributes).toEqual({
      Consent__c: 'granted',
      Consent_Source__c: 'tcf',
      Consent_Time__c: '2026-11-20T08:00:00Z',
      Consent_Text__c: 'CPXxRfAPXxRfAAfKABENB',
    })
    expect(notes).toEqual([])
  })

  it('is written as far as it is mapped', async () => {
    expect(await leadOf('time', ...GRANTED)).toMatchObject({ attributes: { Consent_Time__c: '2026-11-20T08:00:00Z' } })
  })

  it('is no part of the lead where the form does not map it', async () => {
    const { attributes, notes } = await leadOf('plain', ...GRANTED)

    expect(attributes).toEqual({})
    expect(notes).toEqual([])
  })

  it.each([
    ['granted', 'granted'],
    [' Granted ', 'granted'],
    ['on', 'granted'],
    ['denied', 'denied'],
    ['0', 'denied'],
    ['not-required', 'not-required'],
  ])('has one spelling: %s', async (posted, written) => {
    expect((await leadOf('all', ['_consent', posted])).attributes).toEqual({ Consent__c: written })
  })

  it.each([
    ['unknown', []],
    ['', []],
    ['perhaps', ['consent decision left out: not usable']],
    ['=HYPERLINK("https://evil.example")', ['consent decision left out: not usable']],
  ])('is left out with all that belongs to it where there is none: %s', async (posted, notes) => {
    expect(await leadOf('all', ['_consent', posted], ['_consent_source', 'tcf'])).toMatchObject({
      attributes: {},
      notes,
    })
  })

  it('is that of a ticked check box beside its hidden companion', async () => {
    const { attributes } = await leadOf('all', ['_consent', 'denied'], ['_consent', 'granted'])

    expect(attributes).toEqual({ Consent__c: 'granted' })
  })
})

describe('a part of the decision that is not usable', () => {
  it.each([
    ['2026-11-20T08:00:00.123Z', '2026-11-20T08:00:00Z'],
    ['2026-11-23T09:30:00Z', '2026-11-23T09:30:00Z'],
    ['2026-11-24T00:00:00Z', '2026-11-23T09:30:00Z'],
    ['2999-12-31T23:59:59Z', '2026-11-23T09:30:00Z'],
  ])('is no time that is later than the post: %s', async (posted, written) => {
    const { attributes, notes } = await leadOf('time', ['_consent', 'granted'], ['_consent_time', posted])

    expect(attributes).toEqual({ Consent_Time__c: written })
    expect(notes).toEqual([])
  })

  it.each(['yesterday', '2026-11-20', '2026-11-20T08:00:00+01:00', '2026-13-45T99:00:00Z', '1999-12-31T23:59:59Z'])(
    'is left out with a note, and costs nothing else: the time %s',
    async (posted) => {
      const { attributes, notes } = await leadOf('all', ['_consent', 'denied'], ['_consent_time', posted])

      expect(attributes).toEqual({ Consent__c: 'denied' })
      expect(notes).toEqual(['consent time left out: not usable'])
    },
  )

  it('is left out with a note, and costs nothing else: a text that is too long', async () => {
    const { attributes, notes } = await leadOf(
      'all',
      ['_consent', 'granted'],
      ['_consent_source', 's'.repeat(65)],
      ['_consent_detail', 'd'.repeat(2_001)],
    )

    expect(attributes).toEqual({ Consent__c: 'granted' })
    expect(notes).toEqual(['consent source left out: not usable', 'consent detail left out: not usable'])
  })

  it('loses the characters that no field holds', async () => {
    const { attributes } = await leadOf(
      'all',
      ['_consent', 'granted'],
      ['_consent_source', ' my\u0000 \u001B[2Jbanner\n'],
    )

    expect(attributes).toMatchObject({ Consent_Source__c: 'my [2Jbanner' })
  })
})

it.each([
  ['granted', true],
  ['not-required', true],
  ['unknown', false],
  ['denied', false],
  ['notary', false],
])('a form that asks for consent sends the cookie with the decision %s: %s', async (posted, isSent) => {
  const cookie = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-11111'
  const lead = await leadOf('asks', ['_consent', posted], ['_visitor', cookie])

  expect(lead.cookie).toBe(isSent ? cookie : undefined)
})
