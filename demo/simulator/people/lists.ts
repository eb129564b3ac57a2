/** Stores the static lists and their members. Refers to people by id only. */
import type { ListView } from '../view.ts'

/** Names of the default lists. */
export const LISTS: readonly string[] = ['Pilot requests', 'Newsletter']

export class Lists {
  readonly #names: () => readonly string[]
  readonly #members = new Map<string, Set<number>>()

  /** @param names returns the lists that there are now. A list that is gone keeps its members until all are cleared */
  constructor(names: () => readonly string[]) {
    this.#names = names
  }

  /** Returns the ids of the members as a set that the caller may change; undefined if the list does not exist. */
  members(name: string): Set<number> | undefined {
    if (!this.#names().includes(name)) return undefined
    const members = this.#members.get(name) ?? new Set()
    this.#members.set(name, members)
    return members
  }

  view(): ListView[] {
    return this.#names().map((name) => ({ name, members: [...(this.#members.get(name) ?? [])] }))
  }

  /** Restores the members from an earlier `view`. */
  restore(view: readonly ListView[]): void {
    for (const { name, members } of view) this.#members.set(name, new Set(members))
  }

  /** Removes all members. */
  clear(): void {
    this.#members.clear()
  }
}
