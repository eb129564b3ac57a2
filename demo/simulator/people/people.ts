/**
 * Everyone that this Marketo knows, found by each of their keys without a search.
 *
 * It keeps the keys straight and knows no rule of matching. Times are epoch milliseconds and handed in.
 */
import type { Cookie } from './cookie.ts'
import type { ForeignId, Person } from './person.ts'

/**
 * What a call finds by e-mail: those who had the address when it began, and whom it wrote itself. Marketo looks first and
 * writes later, and of two calls that overlap neither sees what the other writes.
 */
export interface Sight {
  readonly given: number
  readonly own: Set<Person>
}

/** Six digits, so that an id looks like one. */
const FIRST_ID = 700_001

export class People {
  /** The next id to be given. */
  nextId = FIRST_ID
  /** How many addresses were given. */
  #given = 0
  readonly #byId = new Map<number, Person>()
  readonly #byToken = new Map<string, Person>()
  readonly #byForeignId = new Map<string, Person>()
  /** Each set in the order of the last update. */
  readonly #byEmail = new Map<string, Set<Person>>()
  readonly #changed = new Set<Person>()

  /** In the order they first came. */
  all(): Person[] {
    return [...this.#byId.values()]
  }

  withId(id: number): Person | undefined {
    return this.#byId.get(id)
  }

  withToken(token: string): Person | undefined {
    return this.#byToken.get(token)
  }

  withForeignId(foreignId: ForeignId): Person | undefined {
    return this.#byForeignId.get(foreignKey(foreignId))
  }

  /** What a call that begins now will find, however long it takes. */
  look(): Sight {
    return { given: this.#given, own: new Set() }
  }

  /**
   * Upper and lower case are one. An e-mail address is not unique: the person who was updated last comes last. With a
   * `sight`, only those whom it shows.
   */
  withEmail(email: string, sight?: Sight): Person[] {
    const all = [...(this.#byEmail.get(emailKey(email)) ?? [])]
    return sight ? all.filter((person) => person.emailGiven <= sight.given || sight.own.has(person)) : all
  }

  /** A new visitor of whom nothing is known. */
  add(at: number): Person {
    const person: Person = {
      id: this.nextId++,
      known: false,
      email: '',
      emailGiven: 0,
      attributes: new Map(),
      foreignIds: [],
      cookies: new Map(),
      workspace: 'Default',
      partition: 'Default',
      activities: [],
      createdAt: at,
      updatedAt: at,
    }
    this.#byId.set(person.id, person)
    this.#changed.add(person)
    return person
  }

  /** Writes down that the record was updated. */
  touch(person: Person, at: number): void {
    person.updatedAt = at
    this.#changed.add(person)
    const namesakes = this.#byEmail.get(emailKey(person.email))
    if (namesakes?.delete(person)) namesakes.add(person)
  }

  /** Writes down that something was added to the person's history, which is no update of the record. */
  note(person: Person): void {
    this.#changed.add(person)
  }

  setEmail(person: Person, email: string): void {
    if (emailKey(email) !== emailKey(person.email)) person.emailGiven = ++this.#given
    const namesakes = this.#byEmail.get(emailKey(person.email))
    namesakes?.delete(person)
    if (namesakes?.size === 0) this.#byEmail.delete(emailKey(person.email))

    person.email = email
    this.#changed.add(person)
    if (email === '') return
    const others = this.#byEmail.get(emailKey(email))
    if (others) others.add(person)
    else this.#byEmail.set(emailKey(email), new Set([person]))
  }

  /** Whoever had it has it no more. */
  giveForeignId(person: Person, foreignId: ForeignId): void {
    const key = foreignKey(foreignId)
    const owner = this.#byForeignId.get(key)
    if (owner === person) return
    if (owner) {
      owner.foreignIds = owner.foreignIds.filter((other) => foreignKey(other) !== key)
      this.#changed.add(owner)
    }
    person.foreignIds.push(foreignId)
    this.#byForeignId.set(key, person)
    this.#changed.add(person)
  }

  /**
   * From now on the cookie is this person's. The history of a visitor who was anonymous comes along; what a known
   * person did before stays with them.
   */
  giveCookie(person: Person, cookie: Cookie): void {
    const owner = this.#byToken.get(cookie.token)
    if (owner === person) return
    if (owner?.known) {
      owner.cookies.delete(cookie.token)
      this.#changed.add(owner)
    } else if (owner) {
      person.activities = [...owner.activities, ...person.activities].toSorted((a, b) =>
        a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
      )
      this.#byId.delete(owner.id)
      this.#changed.delete(owner)
    }
    person.cookies.set(cookie.token, cookie.value)
    this.#byToken.set(cookie.token, person)
    this.#changed.add(person)
  }

  /** Who looks different since this was last called. A visitor who went up in another person is not among them. */
  takeChanged(): Person[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  /**
   * Everyone who was there once, into an empty Marketo. A visitor whose cookie a known person has went up in that person
   * and does not come again.
   */
  restore(persons: readonly Person[]): void {
    const taken = new Set(persons.flatMap(({ known, cookies }) => (known ? [...cookies.keys()] : [])))
    for (const person of persons) {
      this.nextId = Math.max(this.nextId, person.id + 1)
      if (!person.known && [...person.cookies.keys()].some((token) => taken.has(token))) continue
      this.#byId.set(person.id, person)
      for (const token of person.cookies.keys()) this.#byToken.set(token, person)
      for (const foreignId of person.foreignIds) this.#byForeignId.set(foreignKey(foreignId), person)
    }
    for (const person of this.all().toSorted((a, b) => a.updatedAt - b.updatedAt)) {
      if (person.email === '') continue
      const key = emailKey(person.email)
      this.#byEmail.set(key, (this.#byEmail.get(key) ?? new Set()).add(person))
    }
  }

  clear(): void {
    this.nextId = FIRST_ID
    for (const kept of [this.#byId, this.#byToken, this.#byForeignId, this.#byEmail, this.#changed]) kept.clear()
  }
}

function emailKey(email: string): string {
  return email.trim().toLowerCase()
}

function foreignKey({ type, id }: ForeignId): string {
  return `${type} ${id}`
}
