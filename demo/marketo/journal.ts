/**
 * Writes down what happens and reads it again, so that a simulator that starts anew knows what the last one knew.
 *
 * What it writes are the events that the page follows too, one a line; the last of each kind counts. It names no
 * runtime: where the lines are is handed in.
 */
import type { LimitsMemory } from './limits.ts'
import type { Marketo } from './marketo.ts'
import { personFrom, personView } from './people/person.ts'
import type { Settings } from './settings.ts'
import type { CallDetail, CallView, CampaignView, ListView, PersonView } from './view.ts'

/** Where the lines are kept. Every one of these has happened when it returns. */
export interface Journal {
  /** For messages. */
  readonly name: string
  read(): string[]
  add(line: string): void
  /** Puts these lines in the place of all others: wholly, or not at all. */
  replace(lines: readonly string[]): void
}

type Entry =
  | { event: 'person'; data: PersonView }
  | { event: 'call'; data: CallView | CallDetail }
  | { event: 'limits'; data: LimitsMemory }
  | { event: 'lists'; data: ListView[] }
  | { event: 'campaigns'; data: CampaignView[] }
  | { event: 'settings'; data: Partial<Settings> }
  /** The next numbers to be given. */
  | { event: 'next'; data: { person: number; call: number } }

/** About 60 MB; writing the whole anew takes less than a second. */
const LONGEST = 20_000

/**
 * Fills an empty Marketo with what the journal holds, and from then on writes down what happens. Throws when a line
 * cannot be read: a journal that was tampered with is left as it is.
 */
export function keepJournal(marketo: Marketo, journal: Journal): void {
  restore(
    marketo,
    journal.read().map((line, index) => readEntry(line, `${journal.name}:${index + 1}`)),
  )
  journal.replace(snapshot(marketo))

  let added = 0
  marketo.events.listen((event, data) => {
    if (event === 'reset') return journal.replace([])
    if (event === 'call') {
      const call = JSON.parse(data) as CallView
      journal.add(lineOf('call', JSON.stringify(detailOf(marketo, call))))
    } else if (event === 'settings') journal.add(lineOf(event, JSON.stringify(marketo.settings.changed)))
    else if (event !== 'limits') journal.add(lineOf(event, data))
    // A call uses up a part of its day.
    if (event === 'call' || event === 'limits') journal.add(lineOf('limits', JSON.stringify(marketo.limits.memory())))
    added += 1
    if (added < LONGEST) return undefined
    added = 0
    return journal.replace(snapshot(marketo))
  })
}

/** Everything as it is now, in as few lines as it takes. */
function snapshot(marketo: Marketo): string[] {
  const { people, calls, limits, lists, campaigns, settings } = marketo
  const entries: Entry[] = [
    { event: 'next', data: { person: people.nextId, call: calls.nextNumber } },
    { event: 'settings', data: settings.changed },
    ...people.all().map((person): Entry => ({ event: 'person', data: personView(person) })),
    { event: 'lists', data: lists.view() },
    { event: 'campaigns', data: campaigns.view() },
    ...calls.list().map((call): Entry => ({ event: 'call', data: detailOf(marketo, call) })),
    { event: 'limits', data: limits.memory() },
  ]
  return entries.map(({ event, data }) => lineOf(event, JSON.stringify(data)))
}

function restore({ people, calls, limits, lists, campaigns, settings }: Marketo, entries: readonly Entry[]): void {
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
  people.restore([...persons.values()].map(personFrom))
}

function detailOf({ calls }: Marketo, call: CallView): CallView | CallDetail {
  return calls.find(call.number) ?? call
}

/** `data` is JSON. */
function lineOf(event: Entry['event'], data: string): string {
  return `{"event":"${event}","data":${data}}`
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
