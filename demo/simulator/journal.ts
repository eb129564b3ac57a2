/**
 * Stores the simulator's events in a journal and restores its state from there. Names no runtime: the storage is a
 * parameter.
 *
 * A line is one event, the same that `/sim/events` sends. The last event of a kind and id wins.
 */
import type { StoredCall } from './calls.ts'
import type { LimitsState } from './limits.ts'
import type { Marketo } from './marketo.ts'
import { personFrom, personView } from './people/person.ts'
import type { Settings } from './settings.ts'
import type { CallLine, CampaignView, ListView, PersonView } from './view.ts'

/** Storage of lines. Every method is synchronous: the effect is complete when it returns. */
export interface Journal {
  /** Name for messages. */
  readonly name: string
  read(): Iterable<string>
  /** Appends a line. Returns the bytes written. */
  add(line: string): number
  /** Replaces all lines atomically. Returns the new size in bytes. */
  replace(lines: Iterable<string>): number
}

type Entry =
  | { event: 'person'; data: PersonView }
  | { event: 'call'; data: StoredCall }
  | { event: 'limits'; data: LimitsState }
  | { event: 'lists'; data: ListView[] }
  | { event: 'campaigns'; data: CampaignView[] }
  | { event: 'settings'; data: Partial<Settings> }
  /** Next person id and call number. */
  | { event: 'next'; data: { person: number; call: number } }

/** Number of added events after which the journal is compacted, or the size of the last snapshot in lines if larger. */
const COMPACT_AFTER_EVENTS = 20_000

/**
 * Number of added bytes after which the journal is compacted, or twice the last snapshot if larger. A visit adds the
 * person with all previous activities, so bytes grow faster than events. Compacting at each doubling costs no more than
 * the lines themselves.
 */
const COMPACT_AFTER_BYTES = 8 * 1024 * 1024

/**
 * Restores an empty Marketo from the journal, then appends every event to it.
 *
 * @throws if a line cannot be read; the journal is then left unchanged
 */
export function attachJournal(marketo: Marketo, journal: Journal): void {
  restore(marketo, readEntries(journal))

  let snapshotSize = { lines: 0, bytes: 0 }
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
    snapshotSize = { bytes: journal.replace(counted()), lines }
    events = 0
    bytes = 0
  }
  const add = (event: Entry['event'], data: string): void => {
    bytes += journal.add(lineOf(event, data))
  }
  replace(snapshot(marketo))

  marketo.events.listen((event, data) => {
    if (event === 'reset' || event === 'people') return replace(snapshot(marketo))
    if (event === 'call') {
      add('call', JSON.stringify(marketo.calls.stored(JSON.parse(data) as CallLine)))
    } else if (event === 'settings') add(event, JSON.stringify(marketo.settings.changed))
    else if (event !== 'limits') add(event, data)
    // A call counts against the daily quota.
    if (event === 'call' || event === 'limits') add('limits', JSON.stringify(marketo.limits.state()))
    events += 1
    const mustCompact =
      events >= Math.max(COMPACT_AFTER_EVENTS, snapshotSize.lines) ||
      bytes > Math.max(COMPACT_AFTER_BYTES, 2 * snapshotSize.bytes)
    if (mustCompact) replace(snapshot(marketo))
    return undefined
  })
}

/** Yields the current state, one line per entity. Lazy, so that the whole text is never in memory. */
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
  for (const call of calls.list()) yield { event: 'call', data: calls.stored(call) }
  yield { event: 'limits', data: limits.state() }
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

/** @param data JSON */
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
    throw new Error(
      `${place} is not valid JSON, so the simulator's journal cannot be restored. Correct the line, or use an empty folder.`,
      { cause },
    )
  }
}
