/** Tests of the store that holds the page's data. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Journeys, MAX_CALLS } from '../../../../demo/simulator/ui/data/journeys.ts'
import { readRequestKeys } from '../../../../demo/simulator/ui/data/request-keys.ts'
import type { ActivityView, PersonView } from '../../../../demo/simulator/view.ts'
import { NOW, ana, calls, cookie, details, jonas, limits, people, visitor, visitorKnown, zoe } from './sample-data.ts'

let journeys: Journeys
let became: string[]

beforeEach(() => {
  journeys = new Journeys()
  became = []
  journeys.load(people, calls, limits)
  journeys.listen({
    changed: () => undefined,
    becameKnown: (person, visitor) => became.push(`${visitor} is ${person.email} (${person.id})`),
  })
})

describe('people', () => {
  it('are listed with the newest first, and keep their place when they change', () => {
    journeys.putPerson({ ...zoe, updatedAt: '2026-11-23T14:12:00.000Z' })

    expect(journeys.people.map((person) => person.id)).toEqual([1006, 1005, 1004, 1003, 1002, 1001])
  })

  it('become known once', () => {
    journeys.putPerson(visitorKnown)
    journeys.putPerson({ ...visitorKnown, updatedAt: '2026-11-23T14:13:00.000Z' })

    expect(became).toEqual(['1006 is mara@seven-locks.example (1006)'])
  })

  it('do not become known if they were known from the start', () => {
    journeys.putPerson({ ...jonas, id: 1100 })

    expect(became).toEqual([])
  })

  it('replace the visitor whose cookie they get', () => {
    const merged: PersonView = { ...zoe, cookies: [...zoe.cookies, ...visitor.cookies] }

    journeys.putPerson(merged)

    expect(journeys.person(visitor.id)).toBeUndefined()
    expect(became).toEqual(['1006 is zoe@obrien-soehne.example (1002)'])
  })

  it('do not replace a visitor who has another cookie too', () => {
    journeys.putPerson({ ...visitor, cookies: [...visitor.cookies, cookie(1)] })

    journeys.putPerson({ ...zoe, cookies: [...zoe.cookies, ...visitor.cookies] })

    expect(journeys.person(visitor.id)).toBeDefined()
  })

  it('are removed by a reset with all other data', () => {
    journeys.putRequestKeys(4, { email: ana.email! })

    journeys.reset()

    expect(journeys.people).toEqual([])
    expect(journeys.calls).toEqual([])
    expect(journeys.failed.of(ana)).toEqual([])
  })
})

describe('a call', () => {
  it('has the people whom it wrote, also several', () => {
    const activity: ActivityView = { type: 'sync', at: NOW, call: 9, status: 'UPDATED', attributes: ['Company'] }
    for (const person of [ana, zoe]) journeys.putPerson({ ...person, activities: [...person.activities, activity] })

    const people = journeys.peopleOf({ ...calls[0]!, number: 9, leadId: null })

    expect(people.map((person) => person.id)).toEqual([ana.id, zoe.id])
  })
})

describe('a failed call', () => {
  const refused = calls[3]!

  it('belongs to the person whose cookie is in its request', () => {
    const { cookie } = readRequestKeys(details[4]!.request)

    journeys.putRequestKeys(4, { cookie: cookie! })

    expect(journeys.failed.of(ana)).toEqual([refused])
    expect(journeys.failed.of(zoe)).toEqual([])
  })

  it('belongs to the person whose address is in its request, regardless of case', () => {
    journeys.putRequestKeys(4, { email: 'Ana.Lima@PortoDoSul.example' })

    expect(journeys.failed.of(ana)).toEqual([refused])
  })

  it('has its keys read from the request even after HTTP headers', () => {
    const request = `POST /soap/mktows/3_1 HTTP/1.1\nHost: localhost\n\n${details[4]!.request}`

    expect(readRequestKeys(request)).toEqual({
      cookie: 'id:123-ABC-456&token:_mch-tidewater.example-1764000000000-54321',
      email: 'ana.lima@portodosul.example',
    })
  })

  it('belongs to nobody if its request has no key', () => {
    expect(readRequestKeys('{"input":[]}')).toEqual({})
  })

  it('is listed once even if lead id, cookie and address identify the same person', () => {
    journeys.putCall({ ...refused, number: 8, leadId: ana.id })
    journeys.putRequestKeys(8, { cookie: ana.cookies[0]!, email: ana.email! })

    expect(journeys.failed.of(ana).map((call) => call.number)).toEqual([8])
  })

  it('has an owner once its request was read', () => {
    expect(journeys.peopleOf(refused)).toEqual([])

    journeys.putRequestKeys(4, { email: ana.email! })

    expect(journeys.peopleOf(refused)).toEqual([ana])
    expect(journeys.peopleOf(calls[1]!)).toEqual([zoe])
  })

  it('no longer counts for its person once newer calls have taken its place', () => {
    journeys.putRequestKeys(4, { email: ana.email! })

    for (let number = 7; number <= MAX_CALLS + 3; number++) journeys.putCall({ ...calls[0]!, number })
    const before = journeys.failed.of(ana)
    journeys.putCall({ ...calls[0]!, number: MAX_CALLS + 4 })

    expect(before).toEqual([refused])
    expect(journeys.failed.of(ana)).toEqual([])
    expect(journeys.calls).toHaveLength(MAX_CALLS)
  })

  it('does not change the list of another person', () => {
    journeys.putRequestKeys(4, { email: ana.email! })
    const before = journeys.failed.of(ana)

    journeys.putCall({ ...refused, number: 9, leadId: zoe.id })

    expect(journeys.failed.of(ana)).toBe(before)
  })
})
