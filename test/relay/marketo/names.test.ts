import { describe, expect, it } from 'vitest'
import { isCompanyField, toRestName, toSoapName } from '../../../relay/marketo/names.ts'
import { REST_ONLY, STANDARD_FIELDS } from './standard-fields.ts'

describe('the names of standard fields', () => {
  it('pair both ways, all 138 of Adobe’s list', () => {
    const names = STANDARD_FIELDS.flat()

    expect(names).toHaveLength(138)
    expect(names.map(toRestName)).toEqual(STANDARD_FIELDS.flatMap(([rest]) => [rest, rest]))
    expect(names.map(toSoapName)).toEqual(STANDARD_FIELDS.flatMap(([, soap]) => [soap, soap]))
  })

  it('are found without regard to case', () => {
    expect(['FIRSTNAME', 'siccode', 'marketosocialgender'].map(toRestName)).toEqual(['firstName', 'sicCode', 'gender'])
    expect(['firstname', 'SicCode', 'GENDER'].map(toSoapName)).toEqual(['FirstName', 'SICCode', 'MarketoSocialGender'])
  })

  it('are the same in both APIs where Adobe gives one name', () => {
    expect(REST_ONLY.map(toRestName)).toEqual(REST_ONLY)
    expect(REST_ONLY.map(toSoapName)).toEqual(REST_ONLY)
  })
})

it.each(['Topics__c', 'HatColour', 'hatColour', 'constructor', '__proto__', ''])(
  'a custom name is the same in both APIs: %s',
  (name) => {
    expect([toRestName(name), toSoapName(name)]).toEqual([name, name])
  },
)

it('the fields of a company are those that describe it, by either name', () => {
  const names = ['Company', 'billingStreet', 'SICCode', 'Website', 'NumberOfEmployees', 'Phone', 'Email', 'Topics__c']

  expect(names.filter(isCompanyField)).toEqual(['Company', 'billingStreet', 'SICCode', 'Website', 'NumberOfEmployees'])
})
