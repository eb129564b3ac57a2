/** Static lists and who is on them. It knows people by their ids alone. */
import type { ListView } from '../view.ts'

/** What the demo's Marketo has. */
export const LISTS: readonly string[] = ['Pilot requests', 'Newsletter']

export class Lists {
  readonly #names: readonly string[]
  #members = new Map<string, Set<number>>()

  constructor(names: readonly string[]) {
    this.#names = names
    this.clear()
  }

  /** The ids of those who are on it, to be changed by the caller; undefined when there is no such list. */
  members(name: string): Set<number> | undefined {
    return this.#members.get(name)
  }

  view(): ListView[] {
    return [...this.#members].map(([name, members]) => ({ name, members: [...members] }))
  }

  /** What `view` once gave. A list of another name is no more. */
  restore(view: readonly ListView[]): void {
    for (const { name, members } of view) if (this.#members.has(name)) this.#members.set(name, new Set(members))
  }

  /** Every list is empty. */
  clear(): void {
    this.#members = new Map(this.#names.map((name) => [name, new Set()]))
  }
}
