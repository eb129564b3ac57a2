/** Stores the static lists and their members. Refers to people by id only. */
import type { ListView } from '../view.ts'

/** Names of the default lists. */
export const LISTS: readonly string[] = ['Pilot requests', 'Newsletter']

export class Lists {
  readonly #names: readonly string[]
  #members = new Map<string, Set<number>>()

  constructor(names: readonly string[]) {
    this.#names = names
    this.clear()
  }

  /** Returns the ids of the members as a set that the caller may change; undefined if the list does not exist. */
  members(name: string): Set<number> | undefined {
    return this.#members.get(name)
  }

  view(): ListView[] {
    return [...this.#members].map(([name, members]) => ({ name, members: [...members] }))
  }

  /** Restores the members from an earlier `view`. Lists that no longer exist are ignored. */
  restore(view: readonly ListView[]): void {
    for (const { name, members } of view) if (this.#members.has(name)) this.#members.set(name, new Set(members))
  }

  /** Removes all members. */
  clear(): void {
    this.#members = new Map(this.#names.map((name) => [name, new Set()]))
  }
}
