/**
 * What the page knows: people, calls, limits, and whether it still hears of news.
 *
 * It is told by the feed and asked by the elements; it reads no network and draws nothing. A person or a list that has
 * not changed stays the same object, so that an element can tell by identity that it has nothing to do.
 */
import type { CallView, LimitsView, PersonView } from '../../view.ts'
import { FailedCalls, type Trace } from './failed-calls.ts'

export type Link =
  | { state: 'connecting' }
  | { state: 'live' }
  /** No news since `since`, epoch milliseconds. */
  | { state: 'lost'; since: number }

export interface Listener {
  changed(): void
  /** A visitor that stood here under the id `visitor` is this known person now; the id may have changed with it. */
  becameKnown(person: PersonView, visitor: number): void
}

export class Journeys {
  limits: LimitsView | null = null
  link: Link = { state: 'connecting' }
  /** True once the first answer is here: before, an empty list says nothing. */
  loaded = false
  readonly failed = new FailedCalls()
  #people = new Map<number, PersonView>()
  #calls = new Map<number, CallView>()
  #newestFirst: readonly PersonView[] | undefined
  #callsInOrder: readonly CallView[] | undefined
  #ownersOfFailed: ReadonlyMap<number, PersonView> | undefined
  #listeners = new Set<Listener>()

  /** Listens until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Everybody, the latest to come first. */
  get people(): readonly PersonView[] {
    return (this.#newestFirst ??= [...this.#people.values()].toReversed())
  }

  /** All calls, in order. */
  get calls(): readonly CallView[] {
    return (this.#callsInOrder ??= [...this.#calls.values()])
  }

  person(id: number): PersonView | undefined {
    return this.#people.get(id)
  }

  call(number: number): CallView | undefined {
    return this.#calls.get(number)
  }

  /** Whose call it was, by the lead in its reply or by what its request asked for. */
  ownerOf(call: CallView): PersonView | undefined {
    if (call.leadId !== null) return this.#people.get(call.leadId)
    this.#ownersOfFailed ??= new Map(
      this.people.flatMap((person) => this.failed.of(person).map((failed) => [failed.number, person] as const)),
    )
    return this.#ownersOfFailed.get(call.number)
  }

  /** Takes a whole new picture in place of the old one. */
  load(people: readonly PersonView[], calls: readonly CallView[], limits: LimitsView): void {
    this.#forget()
    for (const person of people) this.#people.set(person.id, person)
    for (const call of calls) this.#keepCall(call)
    this.limits = limits
    this.loaded = true
    this.#tell()
  }

  /** A person is new or has changed. */
  putPerson(person: PersonView): void {
    const before = this.#people.get(person.id)
    const turned = before && !before.known && person.known ? person.id : undefined
    this.#people.set(person.id, person)
    const visitor = (person.known ? this.#dropMerged(person) : undefined) ?? turned
    this.#newestFirst = undefined
    this.#tell()
    if (visitor !== undefined) for (const listener of this.#listeners) listener.becameKnown(person, visitor)
  }

  putCall(call: CallView): void {
    this.#keepCall(call)
    this.#callsInOrder = undefined
    this.#tell()
  }

  putLimits(limits: LimitsView): void {
    this.limits = limits
    this.#tell()
  }

  putLink(link: Link): void {
    this.link = link
    this.#tell()
  }

  /** What the request of a failed call says of whose it was. */
  putTrace(number: number, trace: Trace): void {
    const call = this.#calls.get(number)
    if (!call) return
    this.failed.trace(call, trace)
    this.#tell()
  }

  reset(): void {
    this.#forget()
    this.#tell()
  }

  #forget(): void {
    this.#people.clear()
    this.#calls.clear()
    this.failed.clear()
    this.#newestFirst = undefined
    this.#callsInOrder = undefined
  }

  #keepCall(call: CallView): void {
    this.#calls.set(call.number, call)
    if (!call.ok) this.failed.add(call)
  }

  /** A visitor whose every cookie now belongs to somebody known went over into them. Gives the last such one's id. */
  #dropMerged(known: PersonView): number | undefined {
    const taken = new Set(known.cookies)
    let merged: number | undefined
    for (const other of this.#people.values()) {
      if (other.known || other.cookies.length === 0) continue
      if (!other.cookies.every((cookie) => taken.has(cookie))) continue
      this.#people.delete(other.id)
      merged = other.id
    }
    return merged
  }

  #tell(): void {
    this.#ownersOfFailed = undefined
    for (const listener of this.#listeners) listener.changed()
  }
}
