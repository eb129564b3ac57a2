/**
 * Keeps count of the submissions that were refused: an event for each, counters by form, code and origin, and the issue
 * `turned-away` for a page on which leads are lost.
 *
 * It holds names alone, none of which a visitor has typed, and a bounded number of them. It has no timer.
 */
import type { FieldProblem, ProblemCode } from '../protocol.ts'
import { noEventsYet, takeEvent, type EventLimit } from './event-limit.ts'
import type { Log } from './events.ts'
import type { HealthIssue } from './health.ts'
import { addOne, noneYet, sizeOf, type Recent } from './recent.ts'

/** A refused submission. */
export interface Refusal {
  /** Name of the form, as it stands in the address. Absent for the routes of servers and operators. */
  form?: string
  /** `aborted`: the connection ended before the whole body had come. Such submissions are counted, and cause no event. */
  code: ProblemCode | 'aborted'
  /** Origin of the page. */
  origin?: string | null
  /** A request for a ticket. The post of the same page is refused as well, and counts for the issue. */
  ofTicket?: true
  /** The fields that were missing or not valid. */
  errors?: readonly Pick<FieldProblem, 'field' | 'code'>[] | undefined
}

/** Number of refused submissions with the same form, code and origin. */
interface RefusalCount {
  form?: string
  code: Refusal['code']
  origin?: string
  count: number
}

export interface Refusals {
  refused(refusal: Refusal): void
  /** Counts a submission of the form that was accepted, with the names of its fields that the form does not define. */
  accepted(form: string, unknownFields?: readonly string[]): void
  /** Returns the issue `turned-away`, if there is one. */
  issues(): HealthIssue[]
  /** Returns all counters since the start, the largest first. */
  counts(): RefusalCount[]
}

/** Number of refused submissions in the window from which they are an issue. */
const MIN_REFUSED = 10

/** Maximum number of counters, of names of one form that are not defined, and of posts until such a name is shown. */
const MAX_COUNTERS = 500
const MAX_UNKNOWN_NAMES = 200
const POSTS_UNTIL_SHOWN = 3

/** Stands for a name that nobody would choose, and for those that find no counter any more. */
const UNREADABLE = '(unreadable)'
const OTHER = '(other)'

/** Codes that say nothing about the page: the relay is at fault, or the visitor has left. */
const NOT_OF_THE_PAGE: ReadonlySet<Refusal['code']> = new Set(['aborted', 'unavailable', 'rate'])

interface Counter extends RefusalCount {
  recent: Recent
  /** Names of fields, with the number of submissions in which each was refused. */
  fields: Map<string, number>
  events: EventLimit
}

/**
 * Creates the counters.
 *
 * @param options.isForm returns whether there is a form of this name
 */
export function createRefusals({
  isForm,
  now,
  log,
}: {
  isForm: (name: string) => boolean
  now: () => number
  log: Log
}): Refusals {
  const counters = new Map<string, Counter>()
  const acceptedBy = new Map<string, Recent>()
  const unknown = new Map<string, Map<string, number>>()

  function counterOf({ form, code, origin }: Refusal): Counter {
    const name = form === undefined ? undefined : isForm(form) || /^[\w-]{1,64}$/.test(form) ? form : UNREADABLE
    const page = origin === undefined || origin === null ? undefined : isOrigin(origin) ? origin : UNREADABLE
    const find = (own: string | undefined, from: string | undefined) => {
      const key = JSON.stringify([own, code, from])
      const known = counters.get(key)
      if (known) return known
      // The last ones are kept for what finds no counter any more, one for each code at most.
      if (counters.size >= MAX_COUNTERS && (own !== OTHER || from !== OTHER)) return undefined
      const counter: Counter = {
        ...(own !== undefined && { form: own }),
        code,
        ...(from !== undefined && { origin: from }),
        count: 0,
        recent: noneYet(),
        fields: new Map(),
        events: noEventsYet(),
      }
      counters.set(key, counter)
      return counter
    }
    return find(name, page) ?? find(OTHER, OTHER)!
  }

  function refused(refusal: Refusal): void {
    const at = now()
    const counter = counterOf(refusal)
    counter.count += 1
    if (!refusal.ofTicket) addOne(counter.recent, at)
    const fields = (refusal.errors ?? []).map(({ field, code }) => `${field}: ${code}`)
    for (const field of fields) counter.fields.set(field, (counter.fields.get(field) ?? 0) + 1)
    if (refusal.code === 'aborted') return
    const unreported = takeEvent(counter.events, at)
    if (unreported === undefined) return
    const { form, origin } = counter
    log({
      event: 'refused',
      ...(form !== undefined && { form }),
      code: refusal.code,
      ...(origin !== undefined && { origin }),
      ...(fields.length > 0 && { fields }),
      ...(unreported > 0 && { unreported }),
    })
  }

  function accepted(form: string, unknownFields: readonly string[] = []): void {
    addOne(getOrAdd(acceptedBy, form, noneYet), now())
    if (unknownFields.length === 0) return
    const names = getOrAdd(unknown, form, () => new Map<string, number>())
    const shown = unknownFields.filter((name) => {
      if (!names.has(name) && names.size >= MAX_UNKNOWN_NAMES) return false
      const posts = (names.get(name) ?? 0) + 1
      names.set(name, posts)
      // In one post the name may be what a visitor has typed; that several visitors typed the same is unlikely.
      return posts === POSTS_UNTIL_SHOWN && /^[A-Za-z_][\w[\].-]{0,63}$/.test(name)
    })
    if (shown.length > 0) log({ event: 'fields-unknown', form, fields: shown })
  }

  function issues(): HealthIssue[] {
    const at = now()
    const byForm = Map.groupBy(
      [...counters.values()].filter(({ form, code }) => form !== undefined && !NOT_OF_THE_PAGE.has(code)),
      ({ form, code, origin }) => (code === 'origin' ? `origin ${origin}` : `form ${form}`),
    )
    const found = [...byForm].flatMap(([key, own]) => {
      const count = own.reduce((sum, { recent }) => sum + sizeOf(recent, at), 0)
      const [{ form = '', code, origin }] = own.toSorted((a, b) => sizeOf(b.recent, at) - sizeOf(a.recent, at)) as [
        Counter,
      ]
      if (count < MIN_REFUSED) return []
      if (code === 'origin')
        return [{ count, reason: `the page ${origin} posts the form ${form}, which does not list it` }]
      if (!isForm(form)) return [{ count, reason: `pages post the form ${form}, which does not exist` }]
      const taken = acceptedBy.get(form)
      if (count <= (taken ? sizeOf(taken, at) : 0)) return []
      const [field] = [...own[0]!.fields].toSorted((a, b) => b[1] - a[1])
      const detail = field === undefined ? '' : `, most often ${field[0]}`
      return [{ count, reason: `most posts of the ${key} are refused (${code}${detail})` }]
    })
    const [worst] = found.toSorted((a, b) => b.count - a.count)
    if (!worst) return []
    const more = found.length > 1 ? `; and ${found.length - 1} more, see the events "refused"` : ''
    return [{ kind: 'turned-away', count: worst.count, reason: `${worst.reason}${more}` }]
  }

  return {
    refused,
    accepted,
    issues,
    counts: () =>
      Array.from(counters.values(), ({ form, code, origin, count }) => ({
        ...(form !== undefined && { form }),
        code,
        ...(origin !== undefined && { origin }),
        count,
      })).toSorted((a, b) => b.count - a.count),
  }
}

function isOrigin(text: string): boolean {
  return text === 'null' || (text.length <= 255 && URL.canParse(text) && new URL(text).origin === text)
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const created = create()
  map.set(key, created)
  return created
}
