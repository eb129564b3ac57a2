/**
 * Numbers the activities of known people in the order in which they are first seen, and reads them page by page. Changes
 * no person.
 *
 * A number is never given twice, so that a program that polls misses nothing: an activity that is added later, also one
 * with an earlier date, has a higher number. Numbers and tokens are not stored; after a restart a token starts again at
 * its date.
 */
import type { People } from '../people/people.ts'
import type { Person } from '../people/person.ts'
import type { ActivityView } from '../view.ts'

export interface NumberedActivity {
  /** Counts from 1. */
  id: number
  person: Person
  activity: ActivityView
}

interface Position {
  /** Activities before this date are left out. Epoch milliseconds. */
  since: number
  /** Number of the last activity that was read. */
  after: number
}

export class ActivityLog {
  readonly #people: People
  readonly #startedAt: number
  #numbers = new WeakMap<ActivityView, number>()
  #last = 0

  /** @param startedAt epoch milliseconds; tokens of an earlier log are known by it */
  constructor(people: People, startedAt: number) {
    this.#people = people
    this.#startedAt = startedAt
  }

  /** Returns the token to read activities from a date on. */
  tokenSince(since: number): string {
    return this.#tokenOf({ since, after: 0 })
  }

  /**
   * Reads the activities after a token.
   *
   * @param isWanted activities that are not wanted are skipped
   * @returns undefined if the token is none
   */
  read(
    token: string,
    size: number,
    isWanted: (activity: NumberedActivity) => boolean,
  ): { page: NumberedActivity[]; more: boolean; token: string } | undefined {
    const position = this.#positionOf(token)
    if (!position) return undefined
    const { since, after } = position
    const found = this.#all().filter(
      (each) => each.id > after && Date.parse(each.activity.at) >= since && isWanted(each),
    )
    const page = found.slice(0, size)
    const more = found.length > size
    const end = more ? (page.at(-1)?.id ?? after) : this.#last
    return { page, more, token: this.#tokenOf({ since, after: end }) }
  }

  /** Returns the number of an activity that has just been added to a person. */
  numberOf(activity: ActivityView): number {
    this.#numberNew()
    return this.#numbers.get(activity) ?? 0
  }

  clear(): void {
    this.#numbers = new WeakMap()
    this.#last = 0
  }

  /** Returns all activities of known people, in the order of their numbers. */
  #all(): NumberedActivity[] {
    return this.#numberNew()
      .map((each) => ({ ...each, id: this.#numbers.get(each.activity) ?? 0 }))
      .toSorted((a, b) => a.id - b.id)
  }

  /** Numbers the new activities of known people in the order of their dates. Returns all of these people's activities. */
  #numberNew(): Omit<NumberedActivity, 'id'>[] {
    const activities = this.#people
      .all()
      .filter(({ known }) => known)
      .flatMap((person) => person.activities.map((activity) => ({ person, activity })))
    const added = activities.filter(({ activity }) => !this.#numbers.has(activity))
    for (const { activity } of added.toSorted((a, b) => Date.parse(a.activity.at) - Date.parse(b.activity.at)))
      this.#numbers.set(activity, ++this.#last)
    return activities
  }

  #tokenOf({ since, after }: Position): string {
    return btoa(`${since} ${after} ${this.#startedAt}`)
  }

  #positionOf(token: string): Position | undefined {
    const match = /^(-?\d{1,16}) (\d{1,12}) (\d{1,16})$/.exec(decode(token))
    if (!match) return undefined
    const [since = 0, after = 0, startedAt = 0] = match.slice(1).map(Number)
    return { since, after: startedAt === this.#startedAt ? after : 0 }
  }
}

/** Returns an empty text if the token is not base64. */
function decode(token: string): string {
  try {
    return atob(token)
  } catch {
    // The error has no further detail.
    return ''
  }
}
