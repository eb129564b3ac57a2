/** Tests of the positions and kinds of the marks on a line. */
import { describe, expect, it } from 'vitest'
import { eventsOf, layOutLine } from '../../../../demo/simulator/ui/line/layout.ts'
import type { ActivityView, CallView, PersonView } from '../../../../demo/simulator/view.ts'
import { ana, calls, jonas, regular, visitor } from './sample-data.ts'

const SECOND = 1000
const DAY = 86_400_000

function cameAfter(...gaps: number[]): PersonView {
  let at = Date.parse('2026-11-01T00:00:00.000Z')
  const activities = [0, ...gaps].map((gap): ActivityView => {
    at += gap
    return { type: 'visit', at: new Date(at).toISOString(), url: 'https://tidewater.example/' }
  })
  return { ...visitor, activities }
}

const refused = calls[3] as CallView

describe('a line', () => {
  it('has only anonymous marks while the visitor is not known', () => {
    const { marks } = layOutLine(visitor, [], 600)

    expect(marks.map((mark) => `${mark.kind} ${mark.tone}`)).toEqual(Array(4).fill('visit anonymous'))
  })

  it('is coloured back to the first visit once the person is known', () => {
    const { marks, gaps } = layOutLine(ana, [refused], 900)

    expect(marks.map((mark) => `${mark.kind} ${mark.tone}`)).toEqual([
      'visit joined',
      'visit joined',
      'visit joined',
      'visit joined',
      'visit joined',
      'fault joined',
      'known known',
      'visit known',
      'visit known',
    ])
    expect(gaps.map((gap) => gap.tone)).toEqual([...Array(6).fill('joined'), 'known', 'known'])
  })

  it('shows the call that made the person known once, as the known mark', () => {
    const kinds = eventsOf(ana, []).map((event) => event.kind)

    expect(kinds.filter((kind) => kind === 'known')).toHaveLength(1)
    expect(kinds).not.toContain('sync')
  })

  it('shows the calls of a program about a person without visits', () => {
    expect(eventsOf(jonas, []).map((event) => [event.kind, event.tone])).toEqual([
      ['sync', 'known'],
      ['sync', 'known'],
    ])
  })

  it('shows a form in the place of what the same call wrote, and the association of a cookie', () => {
    const at = '2026-11-23T14:00:00.000Z'
    const activities: ActivityView[] = [
      { type: 'sync', at, call: 8, status: 'UPDATED', attributes: ['Phone'] },
      { type: 'form', at, call: 8, formId: 1029, form: 'Pilot request' },
      { type: 'associated', at, call: 9 },
    ]

    const events = eventsOf({ ...jonas, activities }, [])

    expect(events.map(({ kind, ...event }) => [kind, 'call' in event && event.call])).toEqual([
      ['form', 8],
      ['associated', 9],
    ])
  })

  it('is stretched until it uses its row, as far as its gaps stay readable', () => {
    const many = layOutLine(cameAfter(...Array<number>(6).fill(40 * SECOND)), [], 900)
    const few = layOutLine(cameAfter(40 * SECOND), [], 900)

    expect(many.end).toBeCloseTo(900 - 14 - 40)
    expect(few.gaps[0]!.to - few.gaps[0]!.from).toBe(176)
  })

  it('names its pages and the moment where there is room, and cuts no name to a few letters', () => {
    const names = (width: number): string[] => layOutLine(ana, [], width).marks.flatMap((mark) => mark.name?.text ?? [])

    expect(names(1600)).toEqual([
      'Tidewater',
      'The forecast',
      'Pricing',
      'The forecast',
      'Request a pilot',
      'known',
      'Thank you',
      'Pricing',
    ])
    expect(names(300)).toContain('known')
    for (const name of names(420)) expect(name.length).toBeGreaterThanOrEqual(name.endsWith('…') ? 8 : 1)
  })

  it.each([300, 420, 640, 900])('has no names that touch each other, in %i pixels', (width) => {
    const { marks } = layOutLine(ana, [refused], width)

    const spaces = marks.flatMap(({ x, name }) => {
      const length = (name?.text.length ?? 0) * 6.6
      const from = x - length * { start: 0, middle: 0.5, end: 1 }[name?.anchor ?? 'middle']
      return name ? [{ from, to: from + length }] : []
    })
    for (const [i, space] of spaces.entries()) if (i > 0) expect(space.from).toBeGreaterThanOrEqual(spaces[i - 1]!.to)
  })

  it('has longer gaps for longer durations, at most six times the shortest', () => {
    const { gaps } = layOutLine(cameAfter(SECOND, 60 * SECOND, 3600 * SECOND, DAY, 30 * DAY), [], 2000)

    const lengths = gaps.map((gap) => gap.to - gap.from)
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
    expect(Math.max(...lengths)).toBeLessThan(6 * Math.min(...lengths))
  })

  it.each([
    [400, ''],
    [5 * SECOND, '5 s'],
    [59.9 * SECOND, '59 s'],
    [3 * 60 * SECOND, '3 min'],
    [2 * 3600 * SECOND, '2 h'],
    [DAY, '1 day'],
    [6 * DAY, '6 days'],
  ])('labels a gap of %i ms with "%s"', (gap, label) => {
    expect(layOutLine(cameAfter(gap), [], 900).gaps[0]?.label).toBe(label)
  })

  it('marks a gap of more than 30 minutes as away', () => {
    const { gaps } = layOutLine(cameAfter(29 * 60 * SECOND, 31 * 60 * SECOND), [], 900)

    expect(gaps.map((gap) => gap.kind)).toEqual(['stay', 'away'])
  })

  const often = Array.from({ length: 8 }, () => regular.activities).flat()
  const refusedOften = Array.from({ length: 60 }, (_, i) => ({ ...refused, number: i + 10 }))
  const crowded = [260, 320, 480, 900, 2400].flatMap((width): [string, number, PersonView, CallView[]][] => [
    ['visits', width, { ...regular, activities: often }, []],
    ['failed calls', width, ana, refusedOften],
    ['visits and failed calls', width, { ...ana, activities: [...often, ...ana.activities] }, refusedOften],
  ])

  it.each(crowded)('with too many %s stays within %i pixels and keeps its marks apart', (_, width, person, failed) => {
    const { marks } = layOutLine(person, failed, width)

    expect(marks.at(-1)!.x).toBeLessThanOrEqual(width)
    for (const [i, mark] of marks.entries()) if (i > 0) expect(mark.x - marks[i - 1]!.x).toBeGreaterThanOrEqual(24)
  })

  it('folds the oldest marks of the middle with their number, and keeps both ends and the known mark', () => {
    const visits = cameAfter(...Array<number>(40).fill(60 * SECOND)).activities
    const moment: ActivityView = { type: 'known', at: visits[3]!.at, call: 1 }
    const person = { ...ana, activities: [...visits.slice(0, 4), moment, ...visits.slice(4)] }

    const { marks, gaps } = layOutLine(person, [], 600)

    const folded = gaps.filter((gap) => gap.kind === 'folded').map((gap) => Number.parseInt(gap.label))
    expect(folded.reduce((sum, n) => sum + n, 0) + marks.length).toBe(42)
    expect(marks[0]!.at).toBe(visits[0]!.at)
    expect(marks.at(-1)!.at).toBe(visits.at(-1)!.at)
    expect(marks.some((mark) => mark.kind === 'known')).toBe(true)
  })

  it('keeps consecutive faults apart', () => {
    const retries = [4, 8, 9].map((number) => ({ ...refused, number }))

    const faults = layOutLine(ana, retries, 900).marks.filter((mark) => mark.kind === 'fault')

    expect(faults).toHaveLength(3)
    for (const [i, mark] of faults.entries()) if (i > 0) expect(mark.x - faults[i - 1]!.x).toBeGreaterThanOrEqual(44)
  })

  it('is empty for a person without activities', () => {
    expect(layOutLine({ ...visitor, activities: [] }, [], 600)).toMatchObject({ marks: [], gaps: [] })
  })
})
