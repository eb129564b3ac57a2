/**
 * Keeps something of the newest calls, by their number: so many of them, and so many characters of it. The newest stays
 * in any case. Dropping the oldest costs the same however many there are.
 */

interface Room<Value> {
  /** How many may be kept. */
  most: number
  /** How many characters they may have together, and how many one has; without it they may have any number. */
  text?: { most: number; of: (value: Value) => number }
}

export class Newest<Value> {
  readonly #values = new Map<number, Value>()
  /** The numbers in the order they came, from `#first` on. Numbers that were deleted are still among them. */
  #order: number[] = []
  #first = 0
  /** Characters. */
  #length = 0
  readonly #room: Room<Value>

  constructor(room: Room<Value>) {
    this.#room = room
  }

  /** No number that comes before this one is there, as long as they come in their order. */
  get first(): number {
    return this.#order[this.#first] ?? 0
  }

  get(number: number): Value | undefined {
    return this.#values.get(number)
  }

  /** One that is there already keeps its place. */
  set(number: number, value: Value): void {
    if (this.#values.has(number)) this.#length -= this.#lengthOf(number)
    else this.#order.push(number)
    this.#values.set(number, value)
    this.#length += this.#lengthOf(number)
    while (!this.#fits() && this.#values.size > 1) this.#dropOldest()
  }

  delete(number: number): void {
    this.#length -= this.#lengthOf(number)
    this.#values.delete(number)
  }

  /** In the order they came. */
  all(): Value[] {
    return [...this.#values.values()]
  }

  /** In the order of their numbers from now on. */
  sort(): void {
    const sorted = [...this.#values].toSorted(([a], [b]) => a - b)
    this.clear()
    for (const [number, value] of sorted) this.set(number, value)
  }

  clear(): void {
    this.#values.clear()
    this.#order = []
    this.#first = 0
    this.#length = 0
  }

  #fits(): boolean {
    const { most, text } = this.#room
    return this.#values.size <= most && (text === undefined || this.#length <= text.most)
  }

  /** A Map's own iterator would walk over everything that was ever deleted before it came to the oldest. */
  #dropOldest(): void {
    const oldest = this.#order[this.#first++]
    if (oldest !== undefined) this.delete(oldest)
    // Now and then, so that the list stays short and no single call pays for it.
    if (this.#first <= 1_000 || this.#first * 2 <= this.#order.length) return
    this.#order = this.#order.slice(this.#first)
    this.#first = 0
  }

  #lengthOf(number: number): number {
    const value = this.#values.get(number)
    return value === undefined ? 0 : (this.#room.text?.of(value) ?? 0)
  }
}
