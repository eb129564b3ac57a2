/**
 * Holds what the reader sees of the data: the order of the people, and the newest call. Draws nothing.
 *
 * It stays as it is until `apply`, so that no row moves while somebody reads. A row that is shown still follows its own
 * person.
 */
import type { CallView, PersonView } from '../../view.ts'
import type { Journeys } from './journeys.ts'
import { inOrder } from './order.ts'

/** Numbers of what has come since the last `apply`. */
export interface News {
  people: number
  calls: number
}

export class Shown {
  #ids: readonly number[] = []
  #idSet: ReadonlySet<number> = new Set()
  #lastCall = 0
  /** Last result of `people`, and what it was made of. */
  #people: { of: readonly PersonView[]; ids: readonly number[]; list: readonly PersonView[] } | undefined

  /** Takes over all people, in their present order, and all calls. */
  apply(journeys: Journeys): void {
    this.#setIds(inOrder(journeys.people).map((person) => person.id))
    this.#lastCall = journeys.calls.at(-1)?.number ?? 0
  }

  /** Gives the row of a visitor to the person who the visitor turned out to be. */
  replace(visitor: number, person: number): void {
    if (visitor === person || this.#idSet.has(person)) return
    this.#setIds(this.#ids.map((id) => (id === visitor ? person : id)))
  }

  /** Returns the people in the order of the last `apply`. The same array until one of them changes. */
  people(journeys: Journeys): readonly PersonView[] {
    const of = journeys.people
    if (this.#people?.of !== of || this.#people.ids !== this.#ids)
      this.#people = { of, ids: this.#ids, list: this.#ids.flatMap((id) => journeys.person(id) ?? []) }
    return this.#people.list
  }

  /** Returns the calls up to the last `apply`, in order. */
  calls(journeys: Journeys): readonly CallView[] {
    const { calls } = journeys
    const end = calls.findLastIndex((call) => call.number <= this.#lastCall) + 1
    return end === calls.length ? calls : calls.slice(0, end)
  }

  news(journeys: Journeys): News {
    const { calls, people } = journeys
    return {
      people: people.reduce((sum, person) => sum + (this.#idSet.has(person.id) ? 0 : 1), 0),
      calls: calls.length - 1 - calls.findLastIndex((call) => call.number <= this.#lastCall),
    }
  }

  #setIds(ids: readonly number[]): void {
    this.#ids = ids
    this.#idSet = new Set(ids)
  }
}
