import { expect, it } from 'vitest'
import { editLead, type LeadEdit } from '../../../relay/outbox/edit.ts'
import { lead } from '../../suites/outbox/leads.ts'

function of(values: Record<string, string>) {
  return lead('a', { cookie: 'c', attributes: Object.entries(values).map(([name, value]) => ({ name, value })) })
}

const kept = { FirstName: 'George', Colour: 'red', Size: '' }

it.each<[string, LeadEdit, Record<string, string>]>([
  ['is as it was', {}, kept],
  ['is without what is dropped', { drop: ['Colour', 'Size'] }, { FirstName: 'George' }],
  ['may be without anything', { drop: ['FirstName', 'Colour', 'Size'] }, {}],
  [
    'has a new name in the place of the old',
    { rename: { Colour: 'Hue' } },
    { FirstName: 'George', Hue: 'red', Size: '' },
  ],
  [
    'has two names changed for each other',
    { rename: { Colour: 'Size', Size: 'Colour' } },
    { FirstName: 'George', Size: 'red', Colour: '' },
  ],
  [
    'takes a name that was dropped',
    { drop: ['Size'], rename: { Colour: 'Size' } },
    { FirstName: 'George', Size: 'red' },
  ],
  [
    'takes a name that was changed',
    { rename: { Colour: 'Size', Size: 'Length' } },
    { FirstName: 'George', Size: 'red', Length: '' },
  ],
  [
    'is without what is dropped and renamed',
    { drop: ['Colour'], rename: { Colour: 'Size' } },
    { FirstName: 'George', Size: '' },
  ],
  ['is as it was where the name is the same', { rename: { Colour: 'Colour' } }, kept],
  ['is as it was where none has the name', { drop: ['colour'], rename: { colour: 'Size', Nothing: 'Size' } }, kept],
])('a mended lead %s', (_, mending, expected) => {
  expect(editLead(of(kept), mending)).toStrictEqual({ lead: of(expected) })
})

it.each<[string, LeadEdit, string]>([
  ['another has', { rename: { Colour: 'FirstName' } }, 'FirstName'],
  ['a later one has', { rename: { FirstName: 'Size' } }, 'Size'],
  ['another gets', { rename: { Colour: 'New', Size: 'New' } }, 'New'],
])('a name that %s is taken', (_, mending, taken) => {
  expect(editLead(of(kept), mending)).toStrictEqual({ taken })
})

it('a name that every object has is as good as any', () => {
  const odd = of({ constructor: 'a', toString: 'b' })

  expect(editLead(odd, { rename: { Colour: 'Hue' } })).toStrictEqual({ lead: odd })
  expect(editLead(odd, { rename: { toString: '__proto__' } })).toStrictEqual({
    lead: { ...odd, attributes: [odd.attributes[0], { name: '__proto__', value: 'b' }] },
  })
})

it('the lead that is mended stays as it was', () => {
  const before = of(kept)

  editLead(before, { drop: ['Size'], rename: { Colour: 'Hue' } })

  expect(before).toStrictEqual(of(kept))
})
