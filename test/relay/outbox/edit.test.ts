import { expect, it } from 'vitest'
import { editLead, foldName, type LeadEdit } from '../../../relay/outbox/edit.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { attributesOf, lead } from '../../suites/outbox/leads.ts'

function leadWith(values: Record<string, string>) {
  return lead('a', { cookie: 'c', ...attributesOf(values) })
}

const VALUES = { FirstName: 'George', Colour: 'red', Size: '' }

it.each<[string, LeadEdit, Record<string, string>]>([
  ['changes nothing when it is empty', {}, VALUES],
  ['drops attributes', { drop: ['Colour', 'Size'] }, { FirstName: 'George' }],
  ['drops all attributes', { drop: ['FirstName', 'Colour', 'Size'] }, {}],
  ['drops attributes by names in another case', { drop: ['COLOUR'] }, { FirstName: 'George', Size: '' }],
  ['renames an attribute in its place', { rename: { Colour: 'Hue' } }, { FirstName: 'George', Hue: 'red', Size: '' }],
  [
    'renames an attribute by a name in another case',
    { rename: { cOLOUR: 'Hue' } },
    { FirstName: 'George', Hue: 'red', Size: '' },
  ],
  ['changes the case of a name', { rename: { Colour: 'colour' } }, { FirstName: 'George', colour: 'red', Size: '' }],
  [
    'exchanges two names',
    { rename: { Colour: 'Size', Size: 'Colour' } },
    { FirstName: 'George', Size: 'red', Colour: '' },
  ],
  [
    'gives an attribute the name of a dropped one',
    { drop: ['Size'], rename: { Colour: 'Size' } },
    { FirstName: 'George', Size: 'red' },
  ],
  [
    'gives an attribute the name of a renamed one',
    { rename: { Colour: 'Size', Size: 'Length' } },
    { FirstName: 'George', Size: 'red', Length: '' },
  ],
  [
    'drops an attribute that it also renames',
    { drop: ['Colour'], rename: { Colour: 'Size' } },
    { FirstName: 'George', Size: '' },
  ],
  ['changes nothing when the new name is the old one', { rename: { Colour: 'Colour' } }, VALUES],
  ['changes nothing when no attribute has the name', { drop: ['Color'], rename: { Missing: 'Size' } }, VALUES],
])('an edit %s', (_, edit, expected) => {
  expect(editLead(leadWith(VALUES), edit)).toStrictEqual({ lead: leadWith(expected) })
})

const FORMS: LeadEdit['forms'] = {
  contact: {
    workspace: 'Asia',
    associate: 'always',
    constants: [
      { name: 'Source', value: 'Web' },
      { name: 'COLOUR', value: 'blue' },
    ],
  },
}

it.each<[string, LeadEdit, Partial<Lead>]>([
  ['sets values in their place', { set: { colour: 'blue' } }, attributesOf({ ...VALUES, Colour: 'blue' })],
  ['adds values at the end', { set: { Hat: 'red', Cap: '' } }, attributesOf({ ...VALUES, Hat: 'red', Cap: '' })],
  [
    'sets a value under the new name of an attribute',
    { rename: { Colour: 'Hue' }, set: { hue: 'blue' } },
    attributesOf({ FirstName: 'George', Hue: 'blue', Size: '' }),
  ],
  ['sets the workspace', { workspace: 'Europe' }, { workspace: 'Europe' }],
  ['sets the cookie', { cookie: 'd' }, { cookie: 'd' }],
  [
    'takes constants and workspace of the form today',
    { forms: FORMS },
    {
      workspace: 'Asia',
      attributes: [
        ...attributesOf({ FirstName: 'George' }).attributes,
        { name: 'COLOUR', value: 'blue' },
        ...attributesOf({ Size: '', Source: 'Web' }).attributes,
      ],
    },
  ],
  ['keeps the settings of a form that is not there today', { forms: { other: FORMS.contact! } }, {}],
  [
    'takes what it sets, not what the form says today',
    { forms: FORMS, workspace: 'Europe', drop: ['Colour'], set: { Source: 'Fair' } },
    { workspace: 'Europe', ...attributesOf({ FirstName: 'George', Size: '', Source: 'Fair' }) },
  ],
])('an edit %s', (_, edit, changed) => {
  expect(editLead(leadWith(VALUES), edit)).toStrictEqual({ lead: { ...leadWith(VALUES), ...changed } })
})

it('an edit drops workspace and cookie', () => {
  const { cookie: _, ...rest } = leadWith(VALUES)

  expect(editLead({ ...leadWith(VALUES), workspace: 'Asia' }, { workspace: null, cookie: null })).toStrictEqual({
    lead: rest,
  })
})

it('an edit drops the workspace that a form no longer names, and the cookie that it no longer sends', () => {
  const { cookie: _, ...rest } = leadWith(VALUES)
  const forms: LeadEdit['forms'] = { contact: { associate: 'never', constants: [] } }

  expect(editLead({ ...leadWith(VALUES), workspace: 'Asia' }, { forms })).toStrictEqual({ lead: rest })
})

it('an edit adds no constant to a lead that was delivered but for some attributes, and changes those', () => {
  const rest = leadWith({ Colour: 'red' })

  expect(editLead(rest, { forms: FORMS }, true)).toStrictEqual({
    lead: { ...rest, workspace: 'Asia', attributes: [{ name: 'COLOUR', value: 'blue' }] },
  })
})

it.each<[string, LeadEdit, string]>([
  ['another attribute has', { rename: { Colour: 'FirstName' } }, 'FirstName'],
  ['a later attribute has', { rename: { FirstName: 'Size' } }, 'Size'],
  ['another attribute has in another case', { rename: { Colour: 'firstname' } }, 'firstname'],
  ['another attribute gets', { rename: { Colour: 'New', Size: 'New' } }, 'New'],
  ['another attribute gets in another case', { rename: { Colour: 'New', Size: 'NEW' } }, 'NEW'],
])('an edit returns the name that %s', (_, edit, taken) => {
  expect(editLead(leadWith(VALUES), edit)).toStrictEqual({ taken })
})

it('an edit treats names that every object has as any other name', () => {
  const odd = leadWith({ constructor: 'a', toString: 'b' })

  expect(editLead(odd, { rename: { Colour: 'Hue' } })).toStrictEqual({ lead: odd })
  expect(editLead(odd, { rename: { toString: '__proto__' } })).toStrictEqual({
    lead: { ...odd, attributes: [odd.attributes[0], { name: '__proto__', value: 'b' }] },
  })
})

it('an edit leaves the lead that it is given unchanged', () => {
  const before = leadWith(VALUES)

  editLead(before, { drop: ['Size'], rename: { Colour: 'Hue' } })

  expect(before).toStrictEqual(leadWith(VALUES))
})

it('names are compared without case', () => {
  expect(['FirstName', 'FIRSTNAME', 'firstname'].map(foldName)).toStrictEqual(Array(3).fill('firstname'))
  expect(foldName('First Name')).not.toBe('firstname')
})
