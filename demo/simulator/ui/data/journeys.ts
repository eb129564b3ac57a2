/**
 * Stores the page's data: people, calls, limits, state of the connection. The feed writes it and the elements read it.
 *
 * Makes no request and draws nothing. A person or list that has not changed remains the same object, so that elements can
 * detect changes by identity.
 */
import type { CallView, LimitsView, PersonView } from '../../view.ts'
import { FailedCalls, type RequestKeys } from './failed-calls.ts'

/** Number of calls that are held, the newest. The simulator keeps request and reply of as many. */
export const MAX_CALLS = 1_000

export type Connection =
  | { state: 'connecting' }
  | { state: 'live' }
  /** No events since `since`, in epoch milliseconds. */
  | { state: 'lost'; since: number }

export interface Listener {
  changed(): void
  /** Called when a visitor becomes known. `visitor` is the visitor's id, which may differ from the person's. */
  becameKnown(person: PersonView, visitor: number): void
}

export class Journeys {
  limits: LimitsView | null = null
  connection: Connection = { state: 'connecting' }
  /** False until the first load is complete. Before that, an empty list has no meaning. */
  loaded = false
  readonly failed = new FailedCalls()
  #people = new Map<number, PersonView>()
  #calls = new Map<number, CallView>()
  #newestFirst: readonly PersonView[] | undefined
  #callsInOrder: readonly CallView[] | undefined
  #ownersOfFailed: ReadonlyMap<number, PersonView> | undefined
  /** Ids of the people whom each call wrote. */
  #writtenBy = new Map<number, Set<number>>()
  #listeners = new Set<Listener>()

  /** Adds a listener. Returns the function that removes it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** All people, the newest first. */
  get people(): readonly PersonView[] {
    return (this.#newestFirst ??= [...this.#people.values()].toReversed())
  }

  /** All calls in order. */
  get calls(): readonly CallView[] {
    return (this.#callsInOrder ??= [...this.#calls.values()])
  }

  person(id: number): PersonView | undefined {
    return this.#people.get(id)
  }

  call(number: number): CallView | undefined {
    return this.#calls.get(number)
  }

  /** Returns the people whom a call wrote, or whom it concerns by the lead id in its reply or the keys in its request. */
  peopleOf(call: CallView): PersonView[] {
    const written = [...(this.#writtenBy.get(call.number) ?? [])].flatMap((id) => this.#people.get(id) ?? [])
    if (written.length > 0) return written
    const owner = call.leadId === null ? this.#ownerOfFailed(call) : this.#people.get(call.leadId)
    return owner ? [owner] : []
  }

  /** Replaces all data. */
  load(people: readonly PersonView[], calls: readonly CallView[], limits: LimitsView): void {
    this.#clear()
    for (const person of people) this.#storePerson(person)
    for (const call of calls.slice(-MAX_CALLS)) this.#storeCall(call)
    this.limits = limits
    this.loaded = true
    this.#notify()
  }

  /** Adds a person, or replaces one that has changed. */
  putPerson(person: PersonView): void {
    const before = this.#people.get(person.id)
    const sameId = before && !before.known && person.known ? person.id : undefined
    this.#storePerson(person)
    const visitor = (person.known ? this.#dropMerged(person) : undefined) ?? sameId
    this.#newestFirst = undefined
    this.#notify()
    if (visitor !== undefined) for (const listener of this.#listeners) listener.becameKnown(person, visitor)
  }

  /** Replaces all people. The calls stay. */
  putPeople(people: readonly PersonView[]): void {
    this.#clearPeople()
    for (const person of people) this.#storePerson(person)
    this.#notify()
  }

  putCall(call: CallView): void {
    this.#storeCall(call)
    this.#callsInOrder = undefined
    this.#notify()
  }

  putLimits(limits: LimitsView): void {
    this.limits = limits
    this.#notify()
  }

  putConnection(connection: Connection): void {
    this.connection = connection
    this.#notify()
  }

  /** Adds the keys from the request of a failed call. */
  putRequestKeys(number: number, keys: RequestKeys): void {
    const call = this.#calls.get(number)
    if (!call) return
    this.failed.addByKeys(call, keys)
    this.#notify()
  }

  reset(): void {
    this.#clear()
    this.#notify()
  }

  #clear(): void {
    this.#clearPeople()
    this.#calls.clear()
    this.failed.clear()
    this.#callsInOrder = undefined
  }

  #clearPeople(): void {
    this.#people.clear()
    this.#writtenBy.clear()
    this.#newestFirst = undefined
  }

  #storePerson(person: PersonView): void {
    this.#people.set(person.id, person)
    for (const activity of person.activities) {
      if (activity.type === 'visit') continue
      const ids = this.#writtenBy.get(activity.call)
      if (ids) ids.add(person.id)
      else this.#writtenBy.set(activity.call, new Set([person.id]))
    }
  }

  #storeCall(call: CallView): void {
    this.#calls.set(call.number, call)
    if (!call.ok) this.failed.add(call)
    if (this.#calls.size > MAX_CALLS) this.#dropOldestCall()
  }

  #dropOldestCall(): void {
    const [oldest] = this.#calls.keys()
    if (oldest === undefined) return
    this.#calls.delete(oldest)
    this.failed.forgetBefore(oldest + 1)
  }

  #ownerOfFailed(call: CallView): PersonView | undefined {
    this.#ownersOfFailed ??= new Map(
      this.people.flatMap((person) => this.failed.of(person).map((failed) => [failed.number, person] as const)),
    )
    return this.#ownersOfFailed.get(call.number)
  }

  /** Removes the visitors whose cookies all belong to the known person now. Returns the id of the last one. */
  #dropMerged(known: PersonView): number | undefined {
    const knownCookies = new Set(known.cookies)
    let merged: number | undefined
    for (const other of this.#people.values()) {
      if (other.known || other.cookies.length === 0) continue
      if (!other.cookies.every((cookie) => knownCookies.has(cookie))) continue
      this.#people.delete(other.id)
      merged = other.id
    }
    return merged
  }

  #notify(): void {
    this.#ownersOfFailed = undefined
    for (const listener of this.#listeners) listener.changed()
  }
}
