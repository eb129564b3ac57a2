/** Tests of filters, and of the formatting of names, pages, times and secrets. */
import { describe, expect, it } from 'vitest'
import { maskSecrets } from '../../../../demo/simulator/ui/call/mask-secrets.ts'
import { countKinds, passes, type Show } from '../../../../demo/simulator/ui/data/filters.ts'
import { nameOf, pageName, pathOf } from '../../../../demo/simulator/ui/data/names.ts'
import { clockTime, dayOf } from '../../../../demo/simulator/ui/data/times.ts'
import { ana, jonas, people, visitor } from './sample-data.ts'

const isAna = (person: { id: number }): boolean => person.id === ana.id

function shown(show: Show, query = ''): number[] {
  return people.filter((person) => passes(person, isAna(person), { show, query })).map((person) => person.id)
}

describe('a filter', () => {
  it.each<[Show, number[]]>([
    ['all', [1001, 1002, 1003, 1004, 1005, 1006]],
    ['known', [1001, 1002, 1003]],
    ['anonymous', [1004, 1005, 1006]],
    ['form', [1001, 1002]],
    ['fault', [1001]],
  ])('for the kind %s shows the people of that kind', (show, ids) => {
    expect(shown(show)).toEqual(ids)
  })

  it('for the kind form shows a person without a cookie whose form came by REST', () => {
    const sent = { type: 'form', at: '2026-11-23T09:30:00.000Z', call: 9, formId: 1029, form: 'Pilot request' } as const
    const person = { ...jonas, activities: [...jonas.activities, sent] }

    expect([jonas, person].map((each) => passes(each, false, { show: 'form', query: '' }))).toEqual([false, true])
  })

  it('counts the people of each kind, and the failed calls', () => {
    expect(countKinds(people, 2)).toEqual({ all: 6, known: 3, anonymous: 3, form: 2, fault: 2 })
  })

  it.each([
    ['a name', 'lima', [1001]],
    ['letters with diacritics, regardless of case', 'ZOË', [1002]],
    ['an address', 'nordhavn.example', [1003]],
    ['a company', '<söhne>', [1002]],
    ["a visitor's four characters", 'visitor 7512', [1004]],
    ['a page', 'gclid', [1004]],
    ['two words in any order', 'sul ana', [1001]],
    ['white space', '   ', [1001, 1002, 1003, 1004, 1005, 1006]],
    ['a text that matches nobody', 'nobody at all', []],
  ])('finds people by %s', (_, query, ids) => {
    expect(shown('all', query)).toEqual(ids)
  })

  it('combines kind and words', () => {
    expect(shown('anonymous', 'forecast')).toEqual([1004, 1005, 1006])
  })
})

describe('a name', () => {
  it.each([
    ['of a person', ana, 'Ana Lima'],
    ['of a visitor', visitor, 'Visitor 7731'],
    ['of a visitor without a cookie', { ...visitor, cookies: [] }, 'Visitor 1006'],
    ['of a person with only an address', { ...jonas, attributes: {} }, 'j.petersen@nordhavn.example'],
    ['of a person with only an id', { ...jonas, attributes: {}, email: null }, 'Lead 1003'],
    ['of a person with only a last name', { ...jonas, attributes: { LastName: 'Petersen' } }, 'Petersen'],
  ])('%s is formatted', (_, person, name) => {
    expect(nameOf(person)).toBe(name)
  })

  it.each([
    ['its title without the name of the site', { url: 'https://a.example/p', title: 'Pricing – Tidewater' }, 'Pricing'],
    [
      'its whole title if it contains a hyphen',
      { url: 'https://a.example/p', title: 'Two-day forecast' },
      'Two-day forecast',
    ],
    ['its path if it has no title', { url: 'https://a.example/p?q=1' }, '/p?q=1'],
    ['its path if its title is empty', { url: 'https://a.example/p', title: '' }, '/p'],
  ])('of a page is %s', (_, visit, name) => {
    expect(pageName(visit)).toBe(name)
  })

  it('of a page with an invalid URL is the text itself', () => {
    expect(pathOf('about:nothing at all')).toBe('nothing at all')
    expect(pathOf('/pricing')).toBe('/pricing')
  })
})

describe('a time', () => {
  const now = new Date(2026, 10, 23, 14, 12).getTime()

  it.each([
    [new Date(2026, 10, 23, 0, 0, 1), 'today'],
    [new Date(2026, 10, 22, 23, 59), '22 Nov'],
    [new Date(2025, 10, 23, 14, 12), '23 Nov 2025'],
  ])('%s has the day "%s"', (at, day) => {
    expect(dayOf(at.toISOString(), now)).toBe(day)
  })

  it('is shown in the time zone of the browser', () => {
    expect(clockTime(new Date(2026, 10, 23, 9, 3, 7).toISOString())).toBe('09:03:07')
  })

  it('that is invalid is empty', () => {
    expect(clockTime('soon')).toBe('')
    expect(dayOf('soon', now)).toBe('')
  })
})

describe('a secret', () => {
  it.each([
    ['a signature', '<requestSignature>275482698c811283885025c1004238581cb1ff56</requestSignature>', '275482698c81'],
    ['a bearer token', 'Authorization: Bearer cdf01657-110d-4155-99a7-f986b2ff13a0:int', 'cdf01657'],
    ['a token in a reply', '{ "access_token" : "cdf01657-110d:int", "scope": "a" }', 'cdf01657'],
    ['a client secret', 'grant_type=client_credentials&client_secret=demo-client-secret&x=1', 'demo-client'],
  ])('is masked: %s', (_, source, secret) => {
    const masked = maskSecrets(source)

    expect(masked).not.toContain(secret)
    expect(masked).toContain('••••')
  })

  it('is masked without the text around it', () => {
    expect(maskSecrets('client_secret=demo&x=1')).toBe('client_secret=••••••••&x=1')
    expect(maskSecrets('{"access_token":"a","scope":"b"}')).toBe('{"access_token":"••••••••","scope":"b"}')
  })
})
