/**
 * Whose calls failed.
 *
 * Marketo answers a fault without a lead's id, often before it has looked for the lead at all. What was asked says whose
 * it was nevertheless: the cookie and the e-mail address in the request. Pure but for what it keeps.
 */
import type { CallView, PersonView } from '../../view.ts'

/** Who a request was about. */
export interface Trace {
  cookie?: string
  email?: string
}

const NONE: readonly CallView[] = []

export class FailedCalls {
  #byLead = new Map<number, CallView[]>()
  #byCookie = new Map<string, CallView[]>()
  #byEmail = new Map<string, CallView[]>()
  #told = new Map<number, readonly CallView[]>()

  add(call: CallView): void {
    if (call.leadId !== null) append(this.#byLead, call.leadId, call)
  }

  trace(call: CallView, { cookie, email }: Trace): void {
    if (cookie) append(this.#byCookie, cookie, call)
    if (email) append(this.#byEmail, email.toLowerCase(), call)
  }

  /** In order. The same array as long as nothing was added for this person. */
  of(person: PersonView): readonly CallView[] {
    if (this.#byLead.size + this.#byCookie.size + this.#byEmail.size === 0) return NONE
    const found = new Map<number, CallView>()
    const lists = [
      this.#byLead.get(person.id),
      ...person.cookies.map((cookie) => this.#byCookie.get(cookie)),
      person.email ? this.#byEmail.get(person.email.toLowerCase()) : undefined,
    ]
    for (const list of lists) for (const call of list ?? NONE) found.set(call.number, call)
    if (found.size === 0) return NONE

    const told = this.#told.get(person.id)
    const calls = [...found.values()].toSorted((a, b) => a.number - b.number)
    if (told && told.length === calls.length && told.every((call, i) => call === calls[i])) return told
    this.#told.set(person.id, calls)
    return calls
  }

  clear(): void {
    this.#byLead.clear()
    this.#byCookie.clear()
    this.#byEmail.clear()
    this.#told.clear()
  }
}

function append<Key>(map: Map<Key, CallView[]>, key: Key, call: CallView): void {
  const list = map.get(key)
  if (list) list.push(call)
  else map.set(key, [call])
}
