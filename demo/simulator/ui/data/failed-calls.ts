/**
 * Assigns failed calls to people. Makes no request.
 *
 * A fault contains no lead id, often because Marketo has not searched for the lead yet. The cookie and the e-mail address
 * in the request identify the person instead.
 */
import type { CallView, PersonView } from '../../view.ts'

/** Keys in a request that identify a person. */
export interface RequestKeys {
  cookie?: string
  email?: string
}

const NONE: readonly CallView[] = []

export class FailedCalls {
  #byLead = new Map<number, CallView[]>()
  #byCookie = new Map<string, CallView[]>()
  #byEmail = new Map<string, CallView[]>()
  /** Last result of `of` by person id. */
  #results = new Map<number, readonly CallView[]>()
  /** Number of the first call that still counts. */
  #first = 0

  add(call: CallView): void {
    if (call.leadId !== null) this.#append(this.#byLead, call.leadId, call)
  }

  addByKeys(call: CallView, { cookie, email }: RequestKeys): void {
    if (cookie) this.#append(this.#byCookie, cookie, call)
    if (email) this.#append(this.#byEmail, email.toLowerCase(), call)
  }

  /** Forgets the calls before the one with this number. */
  forgetBefore(number: number): void {
    this.#first = number
  }

  /** Returns the person's failed calls in order. The array is the same object until a call is added for this person. */
  of(person: PersonView): readonly CallView[] {
    if (this.#byLead.size + this.#byCookie.size + this.#byEmail.size === 0) return NONE
    const found = new Map<number, CallView>()
    const lists = [
      this.#byLead.get(person.id),
      ...person.cookies.map((cookie) => this.#byCookie.get(cookie)),
      person.email ? this.#byEmail.get(person.email.toLowerCase()) : undefined,
    ]
    for (const list of lists) for (const call of list ?? NONE) if (this.#counts(call)) found.set(call.number, call)
    if (found.size === 0) return NONE

    const previous = this.#results.get(person.id)
    const calls = [...found.values()].toSorted((a, b) => a.number - b.number)
    if (previous?.length === calls.length && previous.every((call, i) => call === calls[i])) return previous
    this.#results.set(person.id, calls)
    return calls
  }

  clear(): void {
    this.#byLead.clear()
    this.#byCookie.clear()
    this.#byEmail.clear()
    this.#results.clear()
    this.#first = 0
  }

  #append<Key>(map: Map<Key, CallView[]>, key: Key, call: CallView): void {
    const list = map.get(key)?.filter((other) => this.#counts(other)) ?? []
    map.set(key, [...list, call])
  }

  #counts({ number }: CallView): boolean {
    return number >= this.#first
  }
}
