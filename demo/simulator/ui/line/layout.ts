/**
 * Calculates the positions of the marks on a person's line. Pure.
 *
 * The distance of two marks grows with the logarithm of the time between them, so that both seconds and months are
 * readable. The scale is the same for all lines. If a line does not fit, its gaps are compressed. If that is not enough,
 * the oldest marks in its middle are folded, visits before calls. The first mark, the last mark and the moment at which
 * the person became known are never folded.
 */
import type { ActivityView, CallView, PersonView } from '../../view.ts'
import { formatDuration } from '../data/times.ts'

/** `anonymous`: the visitor is not known. `joined`: before the person became known. `known`: after that. */
type Tone = 'anonymous' | 'joined' | 'known'

export type Mark = { key: string; x: number; at: string; tone: Tone } & (
  | { kind: 'visit'; url: string; title?: string }
  | { kind: 'known'; call: number }
  | { kind: 'sync'; call: number; status: 'CREATED' | 'UPDATED'; attributes: readonly string[] }
  | { kind: 'associated'; call: number; cookiePrefix?: string }
  | { kind: 'form'; call: number; form: string }
  | { kind: 'fault'; call: number; operation: string; code: string | null }
)

export interface Gap {
  key: string
  from: number
  to: number
  tone: Tone
  /** `stay`: within one visit of the site. `away`: the visitor came back later. `folded`: marks are hidden here. */
  kind: 'stay' | 'away' | 'folded'
  /** Duration, or number of folded marks. Empty if it does not fit. */
  label: string
}

export interface LineLayout {
  marks: Mark[]
  gaps: Gap[]
  /** End of the line. An anonymous visitor's line continues from here as a tail. */
  end: number
}

/** Half the width of the largest mark, so that none is cut off. */
const EDGE_PX = 14
/** Length of the tail of an anonymous visitor's line. */
const TAIL_PX = 40
/** Minimum distance of two marks. */
const MIN_GAP_PX = 26
/** Minimum distance of two faults, so that both codes are readable. */
const MIN_FAULT_GAP_PX = 48
/** Average distance at which all marks are shown, even if some labels do not fit. */
const UNFOLDED_SPACING_PX = 34
/** Average distance once marks are folded, so that labels fit. */
const FOLDED_SPACING_PX = 42
/** Width of a gap with folded marks, enough for their number. */
const FOLDED_GAP_PX = 56
/** Both ends and the moment at which the person became known. */
const MIN_MARKS = 3
/** Additional distance for ten times the duration. */
const PX_PER_DECADE = 20
/** A longer pause between two pages starts a new visit, as in web analytics. */
const AWAY_MS = 30 * 60 * 1000
/** Width of a digit in 12 px type. Labels are measured without a canvas. */
const GLYPH_PX = 6.6

/** A mark without its position. */
export type Event = Mark extends infer Each ? (Each extends Mark ? Omit<Each, 'x'> : never) : never

/**
 * Lays out the line of one person.
 *
 * @param failed failed calls about the person
 * @param width in pixels
 */
export function layOutLine(person: PersonView, failed: readonly CallView[], width: number): LineLayout {
  const available = width - 2 * EDGE_PX - (person.known ? 0 : TAIL_PX)
  const { kept, spacings, minLength } = choose(eventsOf(person, failed), available)
  const spare = sum(spacings.map((spacing) => spacing.natural)) - minLength
  const stretch = spare > 0 ? Math.min(1, Math.max(0, (available - minLength) / spare)) : 1

  let x = EDGE_PX
  const marks: Mark[] = kept.slice(0, 1).map((event) => ({ ...event, x }))
  const gaps = spacings.map(({ min, natural, kind, label }, i): Gap => {
    const from = x
    x += min + (natural - min) * stretch
    const event = kept[i + 1]!
    marks.push({ ...event, x })
    return { key: event.key, from, to: x, tone: kept[i]!.tone, kind, label: fittingLabel(label, x - from) }
  })
  return { marks, gaps, end: x }
}

/** Chooses as many events as fit into the available length. */
function choose(
  events: readonly Event[],
  available: number,
): { kept: Event[]; spacings: Spacing[]; minLength: number } {
  const showAll = events.length <= Math.floor(available / UNFOLDED_SPACING_PX) + 1
  for (let max = showAll ? events.length : Math.floor(available / FOLDED_SPACING_PX); ; max--) {
    const { kept, foldedBefore } = fold(events, max)
    const spacings = kept.slice(1).map((event, i) => measure(kept[i]!, event, foldedBefore[i + 1]!))
    const minLength = sum(spacings.map((spacing) => spacing.min))
    if (minLength <= available || max <= MIN_MARKS) return { kept, spacings, minLength }
  }
}

/** The space between two marks: its minimum and its natural length, in pixels. */
type Spacing = Pick<Gap, 'kind' | 'label'> & { min: number; natural: number }

function measure(before: Event, after: Event, folded: number): Spacing {
  if (folded > 0) return { kind: 'folded', label: `${folded} more`, min: FOLDED_GAP_PX, natural: FOLDED_GAP_PX }
  const ms = Math.max(0, Date.parse(after.at) - Date.parse(before.at))
  const min = before.kind === 'fault' && after.kind === 'fault' ? MIN_FAULT_GAP_PX : MIN_GAP_PX
  const natural = Math.max(min, MIN_GAP_PX + PX_PER_DECADE * Math.log10(1 + ms / 1000))
  return { kind: ms > AWAY_MS ? 'away' : 'stay', label: ms < 1000 ? '' : formatDuration(ms), min, natural }
}

function fittingLabel(label: string, width: number): string {
  return label.length * GLYPH_PX + 8 <= width ? label : ''
}

/** Returns the events of a person in chronological order, each with its current tone. */
export function eventsOf(person: PersonView, failed: readonly CallView[]): Event[] {
  const knownIndex = person.activities.findIndex((activity) => activity.type === 'known')
  const knownAt = Date.parse(person.activities[knownIndex]?.at ?? '')
  const tone = (isBefore: boolean): Tone => (!person.known ? 'anonymous' : isBefore ? 'joined' : 'known')
  // A form, or the moment at which the person became known, stands for what the same call wrote.
  const shown = new Set(person.activities.flatMap((a) => (a.type === 'known' || a.type === 'form' ? [a.call] : [])))

  const events: Event[] = person.activities
    .map((activity, i) => eventOf(activity, i, tone(i < knownIndex)))
    .filter((event) => event.kind !== 'sync' || !shown.has(event.call))
  const faults = failed.map(({ number, at, operation, code }): Event => {
    const key = `fault-${number}`
    return { key, kind: 'fault', at, tone: tone(Date.parse(at) < knownAt), call: number, operation, code }
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
    case 'associated': {
      const { call, cookiePrefix } = activity
      return { key: `associated-${call}`, kind: 'associated', at, tone, call, ...(cookiePrefix && { cookiePrefix }) }
    }
    case 'form': {
      const { call, form } = activity
      return { key: `form-${call}`, kind: 'form', at, tone, call, form }
    }
    default:
      return activity satisfies never
  }
}

/** Keeps at most `max` events. Also returns the number of events folded before each. */
function fold(events: readonly Event[], max: number): { kept: Event[]; foldedBefore: number[] } {
  const middle = events.slice(1, -1)
  const visits = middle.filter((event) => event.kind === 'visit')
  const calls = middle.filter((event) => event.kind !== 'visit' && event.kind !== 'known')
  const folded = new Set<Event>([...visits, ...calls].slice(0, Math.max(0, events.length - max)))

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
