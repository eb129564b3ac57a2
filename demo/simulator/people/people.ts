/**
 * Stores all people and visitors, indexed by Id, foreign id, cookie token and e-mail address.
 *
 * Keeps the indexes consistent. Knows no matching rule and no clock: times are parameters, in epoch milliseconds.
 */
import type { Cookie } from './cookie.ts'
import type { ForeignId, Person } from './person.ts'

/**
 * State of the people at the start of a call. The call finds the people who had the address then, and those that
 * it wrote itself. Marketo also searches first and writes later, so that overlapping calls do not see each other's writes.
 */
export interface EmailSnapshot {
  readonly emailSequence: number
  /** Id of the next person then: a person with this id or a higher one was created later. */
  readonly nextId: number
  readonly ownWrites: Set<Person>
}

/** Realistic ids have six digits. */
const FIRST_ID = 700_001

export class People {
  /** Id of the next person. */
  nextId = FIRST_ID
  /** Number of address assignments so far. */
  #emailSequence = 0
  readonly #byId = new Map<number, Person>()
  readonly #byToken = new Map<string, Person>()
  readonly #byForeignId = new Map<string, Person>()
  /** Each set is in order of the last update. */
  readonly #byEmail = new Map<string, Set<Person>>()
  readonly #changed = new Set<Person>()

  /** True until the first person or visitor is created. */
  get isUntouched(): boolean {
    return this.nextId === FIRST_ID
  }

  /** Returns all people and visitors in order of creation. */
  all(): Person[] {
    return [...this.#byId.values()]
  }

  findById(id: number): Person | undefined {
    return this.#byId.get(id)
  }

  findByToken(token: string): Person | undefined {
    return this.#byToken.get(token)
  }

  findByForeignId(foreignId: ForeignId): Person | undefined {
    return this.#byForeignId.get(foreignKey(foreignId))
  }

  /** Returns the snapshot for a call that starts now. */
  emailSnapshot(): EmailSnapshot {
    return { emailSequence: this.#emailSequence, nextId: this.nextId, ownWrites: new Set() }
  }

  /**
   * Returns everyone with this address, the person updated last at the end. Addresses are case-insensitive and not unique.
   * With a snapshot, returns only people who are part of it.
   */
  findByEmail(email: string, snapshot?: EmailSnapshot): Person[] {
    const all = [...(this.#byEmail.get(emailKey(email)) ?? [])]
    if (!snapshot) return all
    const { emailSequence, ownWrites } = snapshot
    return all.filter((person) => person.emailSequence <= emailSequence || ownWrites.has(person))
  }

  /** Creates an anonymous visitor. */
  add(at: number): Person {
    const person: Person = {
      id: this.nextId++,
      known: false,
      email: '',
      emailSequence: 0,
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

  /** Records an update of the person's record. */
  markUpdated(person: Person, at: number): void {
    person.updatedAt = at
    this.#changed.add(person)
    const sameEmail = this.#byEmail.get(emailKey(person.email))
    if (sameEmail?.delete(person)) sameEmail.add(person)
  }

  /** Records a new activity, which does not count as an update of the record. */
  markChanged(person: Person): void {
    this.#changed.add(person)
  }

  setEmail(person: Person, email: string): void {
    if (emailKey(email) !== emailKey(person.email)) person.emailSequence = ++this.#emailSequence
    const previous = this.#byEmail.get(emailKey(person.email))
    previous?.delete(person)
    if (previous?.size === 0) this.#byEmail.delete(emailKey(person.email))

    person.email = email
    this.#changed.add(person)
    if (email === '') return
    const sameEmail = this.#byEmail.get(emailKey(email))
    if (sameEmail) sameEmail.add(person)
    else this.#byEmail.set(emailKey(email), new Set([person]))
  }

  /** Assigns the foreign id to the person and removes it from its previous owner. */
  assignForeignId(person: Person, foreignId: ForeignId): void {
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
   * Assigns the cookie to the person. If its owner is an anonymous visitor, that visitor is merged into the person with
   * all activities. If its owner is a known person, that person keeps past activities.
   */
  assignCookie(person: Person, cookie: Cookie): void {
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

  /** Returns everyone who has changed since the last call, without visitors that were merged into another person. */
  takeChanged(): Person[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  /** Restores people into an empty store. Skips visitors whose cookie belongs to a known person: they were merged. */
  restore(persons: readonly Person[]): void {
    const knownTokens = new Set(persons.flatMap(({ known, cookies }) => (known ? [...cookies.keys()] : [])))
    for (const person of persons) {
      this.nextId = Math.max(this.nextId, person.id + 1)
      if (!person.known && [...person.cookies.keys()].some((token) => knownTokens.has(token))) continue
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
    for (const index of [this.#byId, this.#byToken, this.#byForeignId, this.#byEmail, this.#changed]) index.clear()
  }
}

function emailKey(email: string): string {
  return email.trim().toLowerCase()
}

function foreignKey({ type, id }: ForeignId): string {
  return `${type} ${id}`
}
