/** Tests of what the page says: sentences about calls, the moment of a person, the order of the list, and what is new. */
import { describe, expect, it } from 'vitest'
import { Journeys } from '../../../../demo/simulator/ui/data/journeys.ts'
import { momentOf } from '../../../../demo/simulator/ui/data/moment.ts'
import { inOrder } from '../../../../demo/simulator/ui/data/order.ts'
import { callSentence, personSentence, visitSentence } from '../../../../demo/simulator/ui/data/sentences.ts'
import { Shown } from '../../../../demo/simulator/ui/data/shown.ts'
import type { ActivityView, CallView, PersonView } from '../../../../demo/simulator/view.ts'
import { NOW, ana, calls, jonas, limits, people, regular, seventh, visitor, visitorKnown, zoe } from './sample-data.ts'

function text({ lead, rest }: { lead: string; rest: string }): string {
  return lead + rest
}

function doing(...activities: ActivityView[]): PersonView {
  return { ...zoe, activities: [...zoe.activities, ...activities] }
}

const ninth: CallView = { ...seventh, number: 9 }
const filled: ActivityView = { type: 'form', at: NOW, call: 9, formId: 1, form: 'Contact' }
const manyNames = ['FirstName', 'LastName', 'Company', 'Title', 'Phone']

describe('a sentence about a call', () => {
  it.each<[string, CallView, PersonView[], string]>([
    [
      'by which a visitor became known',
      calls[1]!,
      [zoe],
      "Zoë O'Brien became known; 3 earlier visits joined, back to “Tidewater”",
    ],
    [
      'that created a person',
      calls[0]!,
      [jonas],
      'Jonas Petersen was added by a program: FirstName, LastName, Company',
    ],
    ['that updated a person', calls[2]!, [jonas], 'Jonas Petersen was updated by a program: Company'],
    ['that filled out a form', ninth, [doing(filled)], "Zoë O'Brien filled out “Contact”"],
    [
      'by whose form a visitor became known',
      seventh,
      [{ ...visitorKnown, activities: [...visitorKnown.activities, { ...filled, call: 7 }] }],
      'Mara Okafor became known by form “Contact”; 4 earlier visits joined, back to “Tidewater”',
    ],
    [
      'that joined a cookie',
      ninth,
      [doing({ type: 'associated', at: NOW, call: 9 })],
      "A cookie was joined to Zoë O'Brien",
    ],
    [
      'with many fields',
      ninth,
      [doing({ type: 'sync', at: NOW, call: 9, status: 'UPDATED', attributes: manyNames })],
      "Zoë O'Brien was updated by a program: FirstName, LastName, Company and 2 more",
    ],
    ['that wrote several', ninth, [ana, zoe], '2 people were written by one call'],
    ['that read', { ...ninth, operation: 'getLead' }, [zoe], 'A program looked for a person'],
    ['that is not known', { ...ninth, operation: 'mergeLeads' }, [], 'mergeLeads was called'],
    ['that failed for a person', calls[3]!, [ana], 'Rate limit exceeded: syncLead failed for Ana Lima, code 20023'],
    ['that failed for nobody', calls[5]!, [], 'Lead attribute bad: syncLead failed, code 20105'],
    ['that a fault met', { ...calls[5]!, code: 'timeout' }, [], 'No answer: syncLead failed'],
    ['that met a gateway', { ...calls[5]!, code: 'html503' }, [], 'Page of a gateway, HTTP 503: syncLead failed'],
    ['with a code that no table has', { ...calls[5]!, code: '29999' }, [], 'Refused: syncLead failed, code 29999'],
  ])('%s', (_, call, concerned, sentence) => {
    expect(text(callSentence(call, concerned))).toBe(sentence)
  })

  it('does not name the person among what happened to them', () => {
    expect(text(personSentence(2, zoe))).toBe('Became known; 3 earlier visits joined, back to “Tidewater”')
    expect(text(personSentence(3, jonas))).toBe('Was updated by a program: Company')
    expect(text(visitSentence({ url: 'https://a.example/b?c' }))).toBe('Viewed “/b?c”')
  })
})

describe('the moment of a person', () => {
  it('reaches back to the first visit', () => {
    expect(momentOf(zoe)).toEqual({
      at: '2026-11-23T08:24:02.100Z',
      call: 2,
      visits: 3,
      backMs: 231_100,
      page: 'Tidewater',
    })
  })

  it('is missing for a visitor, and for a person whom a program created', () => {
    expect([momentOf(visitor), momentOf(jonas)]).toEqual([undefined, undefined])
  })
})

describe('the list', () => {
  it('begins with the person who became known last, then has those seen last', () => {
    expect(inOrder(people).map((person) => person.id)).toEqual([1001, 1006, 1004, 1003, 1002, 1005])
  })
})

describe('what is shown', () => {
  function load(): { journeys: Journeys; shown: Shown } {
    const journeys = new Journeys()
    journeys.load(people, calls, limits)
    const shown = new Shown()
    shown.apply(journeys)
    return { journeys, shown }
  }
  const ids = (shown: Shown, journeys: Journeys): number[] => shown.people(journeys).map((person) => person.id)

  it('keeps its order and its calls while others come, and counts them', () => {
    const { journeys, shown } = load()
    const before = ids(shown, journeys)

    journeys.putPerson({ ...regular, id: 1007, cookies: ['a'] })
    journeys.putPerson(visitorKnown)
    journeys.putCall(seventh)

    expect(ids(shown, journeys)).toEqual(before)
    expect(shown.calls(journeys)).toHaveLength(6)
    expect(shown.news(journeys)).toEqual({ people: 1, calls: 1 })
    expect(shown.people(journeys).find((person) => person.id === 1006)?.known).toBe(true)
  })

  it('takes over all of it when the reader asks for it', () => {
    const { journeys, shown } = load()
    journeys.putPerson(visitorKnown)
    journeys.putCall(seventh)

    shown.apply(journeys)

    expect(ids(shown, journeys)[0]).toBe(1006)
    expect(shown.calls(journeys)).toHaveLength(7)
    expect(shown.news(journeys)).toEqual({ people: 0, calls: 0 })
  })

  it('gives the row of a visitor to a new person who the visitor turned out to be', () => {
    const { journeys, shown } = load()
    const at = ids(shown, journeys).indexOf(visitor.id)

    journeys.putPerson({ ...visitorKnown, id: 1008 })
    shown.replace(visitor.id, 1008)

    expect(ids(shown, journeys)[at]).toBe(1008)
  })

  it('has no row twice when a visitor turned out to be a person who is listed', () => {
    const { journeys, shown } = load()

    journeys.putPerson({ ...zoe, cookies: [...zoe.cookies, ...visitor.cookies] })
    shown.replace(visitor.id, zoe.id)

    expect(ids(shown, journeys).filter((id) => id === zoe.id)).toHaveLength(1)
    expect(ids(shown, journeys)).not.toContain(visitor.id)
  })
})
