/**
 * Calculates the positions of the marks on a person's line. Pure.
 *
 * The distance of two marks grows with the logarithm of the time between them, so that both seconds and months are
 * readable. The gaps of a line are stretched, so that it uses its row and the names of pages have room. If a line does not
 * fit, its gaps are compressed. If that is not enough, the oldest marks in its middle are folded, visits before calls. The
 * first mark, the last mark and the moment at which the person became known are never folded.
 */
import type { ActivityView, CallView, PersonView } from '../../view.ts'
import { reasonOf } from '../call/reasons.ts'
import { pageName } from '../data/names.ts'
import { formatDuration } from '../data/times.ts'

/** `anonymous`: the visitor is not known. `joined`: before the person became known. `known`: after that. */
type Tone = 'anonymous' | 'joined' | 'known'

export type Mark = { key: string; x: number; at: string; tone: Tone; name?: MarkName } & (
  | { kind: 'visit'; url: string; title?: string }
  | { kind: 'known'; call: number }
  | { kind: 'sync'; call: number; status: 'CREATED' | 'UPDATED'; attributes: readonly string[] }
  | { kind: 'associated'; call: number; cookiePrefix?: string }
  | { kind: 'form'; call: number; form: string }
  | { kind: 'custom'; call: number; activity: string; primaryValue: string }
  | { kind: 'fault'; call: number; operation: string; code: string | null }
)

/** Text above a mark: the name of a page or the reason of a fault, as far as it fits. */
export interface MarkName {
  text: string
  /** Where the text is anchored at the mark: the ends of a line have no room on one side. */
  anchor: 'start' | 'middle' | 'end'
}

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

/** Maximum length of a gap that is stretched. */
const MAX_GAP_PX = 176
/** A name that would be cut to fewer characters than this is left out. */
const MIN_NAME_CHARS = 8
/** Minimum distance between two names. */
const NAME_DISTANCE_PX = 10
/** Half the width of the largest mark, so that none is cut off. */
const EDGE_PX = 14
/** Length of the tail of an anonymous visitor's line. */
const TAIL_PX = 40
/** Minimum distance of two marks. */
const MIN_GAP_PX = 26
/** Minimum distance of two faults, so that both reasons have a few letters. */
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

/** A mark without its position and the name that fits there. */
export type Event = Mark extends infer Each ? (Each extends Mark ? Omit<Each, 'x' | 'name'> : never) : never

/**
 * Lays out the line of one person.
 *
 * @param failed failed calls about the person
 * @param width in pixels
 */
export function layOutLine(person: PersonView, failed: readonly CallView[], width: number): LineLayout {
  const available = width - 2 * EDGE_PX - (person.known ? 0 : TAIL_PX)
  const { kept, spacings, minLength } = choose(eventsOf(person, failed), available)
  const lengths = fill(spacings, minLength, available)

  let x = EDGE_PX
  const marks: Mark[] = kept.slice(0, 1).map((event) => ({ ...event, x }))
  const gaps = spacings.map(({ kind, label }, i): Gap => {
    const from = x
    x += lengths[i]!
    const event = kept[i + 1]!
    marks.push({ ...event, x })
    return { key: event.key, from, to: x, tone: kept[i]!.tone, kind, label: fittingLabel(label, x - from) }
  })
  return { marks: withNames(marks, width), gaps, end: x }
}

/** Returns the lengths of the gaps: compressed as far as they must be, or stretched as far as they may be. */
function fill(spacings: readonly Spacing[], minLength: number, available: number): number[] {
  const natural = sum(spacings.map((spacing) => spacing.natural))
  if (natural > available) {
    const ratio = Math.max(0, (available - minLength) / (natural - minLength))
    return spacings.map((spacing) => spacing.min + (spacing.natural - spacing.min) * (natural > minLength ? ratio : 1))
  }
  const stretch = available / Math.max(1, natural)
  return spacings.map((spacing) => Math.min(spacing.natural * stretch, Math.max(spacing.natural, MAX_GAP_PX)))
}

/** Adds their names to the marks, the most important first, as far as no name touches another one. */
function withNames(marks: readonly Mark[], width: number): Mark[] {
  const taken: { from: number; to: number }[] = []
  const names = new Map<Mark, MarkName>()
  const last = marks.at(-1)
  for (const mark of marks.toSorted((a, b) => rank(a, marks) - rank(b, marks))) {
    const anchor = mark === marks[0] ? 'start' : mark === last && mark.x > width - MAX_GAP_PX / 2 ? 'end' : 'middle'
    const left = mark.x - Math.max(0, ...taken.filter(({ from }) => from < mark.x).map(({ to }) => to))
    const right = Math.min(width, ...taken.filter(({ to }) => to > mark.x).map(({ from }) => from)) - mark.x
    const room = anchor === 'middle' ? 2 * Math.min(left, right) : anchor === 'start' ? right : left
    const text = shorten(nameOfMark(mark), Math.floor(room / GLYPH_PX))
    if (text === '') continue
    names.set(mark, { text, anchor })
    taken.push(extent(mark.x, anchor, text))
  }
  return marks.map((mark) => {
    const name = names.get(mark)
    return name ? { ...mark, name } : mark
  })
}

/** Returns the order in which names get room: the moment, faults, both ends, then all others from the left. */
function rank(mark: Mark, marks: readonly Mark[]): number {
  if (mark.kind === 'known') return 0
  if (mark.kind === 'fault') return 1
  return mark === marks[0] || mark === marks.at(-1) ? 2 : 3
}

/** Returns the space that a name takes, with a distance on both sides. */
function extent(x: number, anchor: MarkName['anchor'], text: string): { from: number; to: number } {
  const length = text.length * GLYPH_PX
  const from = x - length * { start: 0, middle: 0.5, end: 1 }[anchor]
  return { from: from - NAME_DISTANCE_PX, to: from + length + NAME_DISTANCE_PX }
}

function nameOfMark(mark: Mark): string {
  switch (mark.kind) {
    case 'visit':
      return pageName(mark)
    case 'known':
      return 'known'
    case 'fault':
      return reasonOf(mark.code)
    case 'associated':
    case 'custom':
    case 'form':
    case 'sync':
      return ''
    default:
      return mark satisfies never
  }
}

/** Cuts a text to a number of characters. Returns an empty text if too little would remain. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  return max < MIN_NAME_CHARS ? '' : `${text.slice(0, max - 1).trimEnd()}…`
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
    case 'custom': {
      const { call, name, primaryValue } = activity
      return { key: `custom-${i}`, kind: 'custom', at, tone, call, activity: name, primaryValue }
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
