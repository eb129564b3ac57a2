/**
 * Where the marks of a person's line stand. Pure.
 *
 * Seconds and months must both read well on one line, so distance grows with the logarithm of the time between two
 * marks, the same on every line of the page; where there is room, the stretch is written under it. A line that does not
 * fit is drawn together, and if that is not enough the oldest of its middle is folded, visits before calls; never the
 * first mark, the last, or the moment when the person became known.
 */
import type { ActivityView, CallView, PersonView } from '../../view.ts'
import { stretch } from '../data/times.ts'

/** `unseen` while nobody knows who it is, `joined` when it was so then but a name is there since, `known` after that. */
type Tone = 'unseen' | 'joined' | 'known'

export type Mark = { key: string; x: number; at: string; tone: Tone } & (
  | { kind: 'visit'; url: string; title?: string }
  | { kind: 'known'; call: number }
  | { kind: 'sync'; call: number; status: 'CREATED' | 'UPDATED'; attributes: readonly string[] }
  | { kind: 'fault'; call: number; operation: string; code: string | null }
)

export interface Gap {
  key: string
  from: number
  to: number
  tone: Tone
  /** `away`: the visitor went and came back later. `folded`: there are marks for which there is no room. */
  kind: 'stay' | 'away' | 'folded'
  /** How long it took, or how many visits are folded here; empty where there is no room for it. */
  label: string
}

export interface LineLayout {
  marks: Mark[]
  gaps: Gap[]
  /** Where the line ends; an unknown visitor's goes on from there. */
  end: number
}

/** Half of the largest mark, so that none is cut off. */
const EDGE = 14
/** The open end of a line whose visitor nobody knows yet. */
const TAIL = 40
/** Two marks beside each other that still are two. */
const CLOSEST = 26
/** Two faults beside each other whose codes can both be read. */
const CODES = 48
/** As many as fit at this distance are all shown, though some stretches have no room for their label. */
const TIGHT = 34
/** Where they do not, some are folded, and the rest stands so far apart that labels can be read. */
const LOOSE = 42
/** Where some are folded: as wide as their number. */
const FOLDED = 56
/** Both ends and the moment between them are always shown. */
const FEWEST = 3
/** What a tenfold time adds, in pixels. */
const DECADE = 20
/** Longer than that between two pages is another visit, as web analytics count it. */
const PAUSE = 30 * 60 * 1000
/** The width of a digit in 12 px type; labels are measured without a canvas. */
const GLYPH = 6.6

/** What happened to a person, before it has a place. */
export type Event = Mark extends infer Each ? (Each extends Mark ? Omit<Each, 'x'> : never) : never

/** The line of one person in `width` pixels. `failed` are the calls about them that failed. */
export function layOutLine(person: PersonView, failed: readonly CallView[], width: number): LineLayout {
  const room = width - 2 * EDGE - (person.known ? 0 : TAIL)
  const { kept, stretches, least } = plan(eventsOf(person, failed), room)
  const spare = sum(stretches.map((one) => one.natural)) - least
  const squeeze = spare > 0 ? Math.min(1, Math.max(0, (room - least) / spare)) : 1

  let x = EDGE
  const marks: Mark[] = kept.slice(0, 1).map((event) => ({ ...event, x }))
  const gaps = stretches.map(({ least, natural, ...stretch }, i): Gap => {
    const from = x
    x += least + (natural - least) * squeeze
    const event = kept[i + 1]!
    marks.push({ ...event, x })
    return {
      key: event.key,
      from,
      to: x,
      tone: kept[i]!.tone,
      kind: stretch.kind,
      label: ifItFits(stretch.label, x - from),
    }
  })
  return { marks, gaps, end: x }
}

/** As many marks as there is room for. */
function plan(events: readonly Event[], room: number): { kept: Event[]; stretches: Stretch[]; least: number } {
  const all = events.length <= Math.floor(room / TIGHT) + 1
  for (let most = all ? events.length : Math.floor(room / LOOSE); ; most--) {
    const { kept, foldedBefore } = fold(events, most)
    const stretches = kept.slice(1).map((event, i) => measure(kept[i]!, event, foldedBefore[i + 1]!))
    const least = sum(stretches.map((one) => one.least))
    if (least <= room || most <= FEWEST) return { kept, stretches, least }
  }
}

type Stretch = Pick<Gap, 'kind' | 'label'> & { least: number; natural: number }

/** What lies between two marks, and how long it may be drawn, in pixels. */
function measure(before: Event, after: Event, folded: number): Stretch {
  if (folded > 0) return { kind: 'folded', label: `${folded} more`, least: FOLDED, natural: FOLDED }
  const ms = Math.max(0, Date.parse(after.at) - Date.parse(before.at))
  const least = before.kind === 'fault' && after.kind === 'fault' ? CODES : CLOSEST
  const natural = Math.max(least, CLOSEST + DECADE * Math.log10(1 + ms / 1000))
  return { kind: ms > PAUSE ? 'away' : 'stay', label: ms < 1000 ? '' : stretch(ms), least, natural }
}

function ifItFits(label: string, room: number): string {
  return label.length * GLYPH + 8 <= room ? label : ''
}

/** What happened to a person, in order, each with the tone that it has today. */
export function eventsOf(person: PersonView, failed: readonly CallView[]): Event[] {
  const moment = person.activities.findIndex((activity) => activity.type === 'known')
  const momentAt = Date.parse(person.activities[moment]?.at ?? '')
  const tone = (isBefore: boolean): Tone => (!person.known ? 'unseen' : isBefore ? 'joined' : 'known')
  const madeKnown = new Set(person.activities.flatMap((a) => (a.type === 'known' ? [a.call] : [])))

  const events: Event[] = person.activities
    .map((activity, i) => eventOf(activity, i, tone(i < moment)))
    // The call that made them known is the moment itself, not one more write.
    .filter((event) => event.kind !== 'sync' || !madeKnown.has(event.call))
  const faults = failed.map(({ number, at, operation, code }): Event => {
    const key = `fault-${number}`
    return { key, kind: 'fault', at, tone: tone(Date.parse(at) < momentAt), call: number, operation, code }
  })
  return [...events, ...faults].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

function eventOf(activity: ActivityView, i: number, tone: Tone): Event {
  const { at } = activity
  switch (activity.type) {
    case 'visit': {
      const { url, title } = activity
      return { key: `visit-${i}`, kind: 'visit', at, tone, url, ...(title === undefined ? {} : { title }) }
    }
    case 'known':
      return { key: `known-${activity.call}`, kind: 'known', at, tone, call: activity.call }
    case 'sync': {
      const { call, status, attributes } = activity
      return { key: `sync-${call}`, kind: 'sync', at, tone, call, status, attributes }
    }
    default:
      return activity satisfies never
  }
}

/** As many as there is room for, and how many were folded before each. */
function fold(events: readonly Event[], most: number): { kept: Event[]; foldedBefore: number[] } {
  const middle = events.slice(1, -1)
  const visits = middle.filter((event) => event.kind === 'visit')
  const calls = middle.filter((event) => event.kind === 'sync' || event.kind === 'fault')
  const folded = new Set<Event>([...visits, ...calls].slice(0, Math.max(0, events.length - most)))

  const kept: Event[] = []
  const foldedBefore: number[] = []
  let run = 0
  for (const event of events) {
    if (folded.has(event)) {
      run++
      continue
    }
    foldedBefore.push(run)
    kept.push(event)
    run = 0
  }
  return { kept, foldedBefore }
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0)
}
