/**
 * Writes down what happens and reads it again, so that a simulator that starts anew knows what the last one knew.
 *
 * What it writes are the events that the page follows too, one a line; the last of each kind counts. It names no
 * runtime: where the lines are is handed in.
 */
import type { WholeCall } from './calls.ts'
import type { LimitsMemory } from './limits.ts'
import type { Marketo } from './marketo.ts'
import { personFrom, personView } from './people/person.ts'
import type { Settings } from './settings.ts'
import type { CallLine, CampaignView, ListView, PersonView } from './view.ts'

/** Where the lines are kept. Every one of these has happened when it returns. */
export interface Journal {
  /** For messages. */
  readonly name: string
  read(): Iterable<string>
  /** Returns how many bytes that took. */
  add(line: string): number
  /** Puts these lines in the place of all others: wholly, or not at all. Returns how many bytes there are now. */
  replace(lines: Iterable<string>): number
}

type Entry =
  | { event: 'person'; data: PersonView }
  | { event: 'call'; data: WholeCall }
  | { event: 'limits'; data: LimitsMemory }
  | { event: 'lists'; data: ListView[] }
  | { event: 'campaigns'; data: CampaignView[] }
  | { event: 'settings'; data: Partial<Settings> }
  /** The next numbers to be given. */
  | { event: 'next'; data: { person: number; call: number } }

/** So many events may be added before all is written anew, or as many as were written anew last if that is more. */
const MOST_EVENTS = 20_000

/**
 * And so many bytes, or twice what was written anew if that is more: a visit adds the whole person with all that they
 * did before. A file that is written anew at each doubling costs no more than the lines themselves.
 */
const MOST_BYTES = 8 * 1024 * 1024

/**
 * Fills an empty Marketo with what the journal holds, and from then on writes down what happens. Throws when a line
 * cannot be read: a journal that was tampered with is left as it is.
 */
export function keepJournal(marketo: Marketo, journal: Journal): void {
  restore(marketo, readEntries(journal))

  let whole = { lines: 0, bytes: 0 }
  let events = 0
  let bytes = 0
  const replace = (all: Iterable<string>): void => {
    let lines = 0
    function* counted(): Generator<string> {
      for (const line of all) {
        lines += 1
        yield line
      }
    }
    whole = { bytes: journal.replace(counted()), lines }
    events = 0
    bytes = 0
  }
  const add = (event: Entry['event'], data: string): void => {
    bytes += journal.add(lineOf(event, data))
  }
  replace(snapshot(marketo))

  marketo.events.listen((event, data) => {
    if (event === 'reset') return replace([])
    if (event === 'call') {
      add('call', JSON.stringify(marketo.calls.whole(JSON.parse(data) as CallLine)))
    } else if (event === 'settings') add(event, JSON.stringify(marketo.settings.changed))
    else if (event !== 'limits') add(event, data)
    // A call uses up a part of its day.
    if (event === 'call' || event === 'limits') add('limits', JSON.stringify(marketo.limits.memory()))
    events += 1
    const full = events >= Math.max(MOST_EVENTS, whole.lines) || bytes > Math.max(MOST_BYTES, 2 * whole.bytes)
    if (full) replace(snapshot(marketo))
    return undefined
  })
}

/** Everything as it is now, in as few lines as it takes, each made when it is asked for. */
function* snapshot(marketo: Marketo): Generator<string> {
  for (const { event, data } of entriesOf(marketo)) yield lineOf(event, JSON.stringify(data))
}

function* entriesOf(marketo: Marketo): Generator<Entry> {
  const { people, calls, limits, lists, campaigns, settings } = marketo
  yield { event: 'next', data: { person: people.nextId, call: calls.nextNumber } }
  yield { event: 'settings', data: settings.changed }
  for (const person of people.all()) yield { event: 'person', data: personView(person) }
  yield { event: 'lists', data: lists.view() }
  yield { event: 'campaigns', data: campaigns.view() }
  for (const call of calls.list()) yield { event: 'call', data: calls.whole(call) }
  yield { event: 'limits', data: limits.memory() }
}

function restore({ people, calls, limits, lists, campaigns, settings }: Marketo, entries: Iterable<Entry>): void {
  const persons = new Map<number, PersonView>()
  for (const entry of entries) {
    switch (entry.event) {
      case 'person':
        persons.set(entry.data.id, entry.data)
        break
      case 'call':
        calls.restore(entry.data)
        break
      case 'limits':
        limits.restore(entry.data)
        break
      case 'lists':
        lists.restore(entry.data)
        break
      case 'campaigns':
        campaigns.restore(entry.data)
        break
      case 'settings':
        settings.set(entry.data)
        break
      case 'next':
        people.nextId = entry.data.person
        calls.nextNumber = entry.data.call
        break
      default:
        entry satisfies never
    }
  }
  calls.sort()
  people.restore([...persons.values()].map(personFrom))
}

/** `data` is JSON. */
function lineOf(event: Entry['event'], data: string): string {
  return `{"event":"${event}","data":${data}}`
}

function* readEntries(journal: Journal): Generator<Entry> {
  let number = 0
  for (const line of journal.read()) {
    number += 1
    yield readEntry(line, `${journal.name}:${number}`)
  }
}

function readEntry(line: string, place: string): Entry {
  try {
    return JSON.parse(line) as Entry
  } catch (cause) {
    throw new Error(`${place} is not a line of the simulator's journal. Mend it, or begin with an empty folder.`, {
      cause,
    })
  }
}
