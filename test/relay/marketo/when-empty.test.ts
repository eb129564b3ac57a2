/** Attributes that are sent only where Marketo has no value: the rules that both ways to Marketo share. */
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../relay/delivery/transport.ts'
import { leaveOutKnown, notReadVerdict, whenEmptyIn, withLeftOut } from '../../../relay/marketo/when-empty.ts'

const LEAD = {
  attributes: [
    { name: 'Company', value: 'Acme' },
    { name: 'Phone', value: '030 1' },
    { name: 'City', value: 'Kiel' },
  ],
  whenEmpty: ['Company', 'Phone', 'Fax'],
}
const namesOf = ({ attributes }: typeof LEAD) => attributes.map(({ name }) => name)

describe('the attributes of a lead that are sent only where Marketo has no value', () => {
  it('are those that the form names and the lead has, whatever their case', () => {
    expect(whenEmptyIn(LEAD)).toEqual(['Company', 'Phone'])
    expect(whenEmptyIn({ ...LEAD, whenEmpty: ['CITY'] })).toEqual(['City'])
    expect(whenEmptyIn({ attributes: LEAD.attributes })).toEqual([])
  })

  it.each([
    ['a value', 'Globex', ['Company']],
    ['zero', 0, ['Company']],
    ['false', false, ['Company']],
    ['null', null, []],
    ['nothing', undefined, []],
    ['an empty text', '', []],
    ['spaces', '  ', []],
  ])('are left out where Marketo has %s', (_, value, expected) => {
    const { lead, leftOut } = leaveOutKnown(LEAD, [Object.entries({ company: value })])

    expect(leftOut).toEqual(expected)
    expect(namesOf(lead)).toEqual(['Company', 'Phone', 'City'].filter((name) => !leftOut.includes(name)))
  })

  it('are found by the names of either API, and others are sent though Marketo has a value', () => {
    const known = [Object.entries({ COMPANY: 'Globex', phone: '1', city: 'Bonn', City: 'Bonn' })]

    expect(namesOf(leaveOutKnown(LEAD, known).lead)).toEqual(['City'])
  })

  it('are left out where any of several people has a value', () => {
    const people = [{ company: null, phone: null }, { company: 'Globex' }, { phone: '1' }].map(Object.entries)

    expect(leaveOutKnown(LEAD, people).leftOut).toEqual(['Company', 'Phone'])
  })

  it('are all sent where there is no person, and none where nothing can be known', () => {
    expect(leaveOutKnown(LEAD, [])).toEqual({ lead: LEAD, leftOut: [] })
    expect(leaveOutKnown(LEAD, undefined).leftOut).toEqual(['Company', 'Phone'])
  })
})

describe('the verdict', () => {
  it('names what was left out of a lead that is delivered, and of no other', () => {
    const park: Verdict = { kind: 'park', reason: 'x' }

    expect(withLeftOut({ kind: 'delivered', leadId: 7 }, ['Phone', 'City'])).toEqual({
      kind: 'delivered',
      leadId: 7,
      note: 'left out, because Marketo has a value: Phone, City',
    })
    expect(withLeftOut({ kind: 'delivered', leadId: 7 }, [])).toEqual({ kind: 'delivered', leadId: 7 })
    expect(withLeftOut(park, ['Phone'])).toEqual(park)
  })

  it('on a call that only read never says that a Marketo form may be filled out', () => {
    const lost: Verdict = { kind: 'failed', fault: 'lead', arrived: 'maybe', reason: 'no reply' }

    expect(notReadVerdict(lost, { marketoForm: 1029 })).toMatchObject({ arrived: 'yes' })
    expect(notReadVerdict(lost, {})).toMatchObject({
      arrived: 'maybe',
      reason: 'it is not known which values Marketo has: no reply',
    })
  })

  it('where the limits leave no call is a failure that is tried again for as long as any', () => {
    expect(notReadVerdict(undefined, {})).toEqual({
      kind: 'failed',
      fault: 'lead',
      arrived: 'no',
      reason: 'it is not known which values Marketo has: the limits leave no call now',
    })
  })
})
