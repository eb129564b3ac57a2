/**
 * Stores the newest values by call number, bounded by count and, optionally, by total length. Knows nothing of calls.
 *
 * The newest value is never dropped, even if it exceeds the length alone. Dropping the oldest takes constant time.
 */

interface Bounds<Value> {
  maxValues: number
  /** Maximum total length in characters, and the function that measures one value. Unlimited if missing. */
  text?: { maxChars: number; charsOf: (value: Value) => number }
}

export class BoundedLog<Value> {
  readonly #values = new Map<number, Value>()
  /** Numbers in order of insertion, valid from index `#first`. Deleted numbers are still listed. */
  #order: number[] = []
  #first = 0
  #totalChars = 0
  readonly #bounds: Bounds<Value>

  constructor(bounds: Bounds<Value>) {
    this.#bounds = bounds
  }

  /** Lower bound of the stored numbers, if they were inserted in ascending order. */
  get first(): number {
    return this.#order[this.#first] ?? 0
  }

  get(number: number): Value | undefined {
    return this.#values.get(number)
  }

  /** Adds a value, or replaces the value of this number without changing its position. */
  set(number: number, value: Value): void {
    if (this.#values.has(number)) this.#totalChars -= this.#charsOf(number)
    else this.#order.push(number)
    this.#values.set(number, value)
    this.#totalChars += this.#charsOf(number)
    while (!this.#fits() && this.#values.size > 1) this.#dropOldest()
  }

  delete(number: number): void {
    this.#totalChars -= this.#charsOf(number)
    this.#values.delete(number)
  }

  /** Returns the values in order of insertion. */
  all(): Value[] {
    return [...this.#values.values()]
  }

  /** Reorders the values by number. */
  sort(): void {
    const sorted = [...this.#values].toSorted(([a], [b]) => a - b)
    this.clear()
    for (const [number, value] of sorted) this.set(number, value)
  }

  clear(): void {
    this.#values.clear()
    this.#order = []
    this.#first = 0
    this.#totalChars = 0
  }

  #fits(): boolean {
    const { maxValues, text } = this.#bounds
    return this.#values.size <= maxValues && (text === undefined || this.#totalChars <= text.maxChars)
  }

  /** Uses `#order`, because a Map's iterator skips its deleted entries one by one. */
  #dropOldest(): void {
    const oldest = this.#order[this.#first++]
    if (oldest !== undefined) this.delete(oldest)
    // Compacts the array rarely, so that the cost per call stays constant on average.
    if (this.#first <= 1_000 || this.#first * 2 <= this.#order.length) return
    this.#order = this.#order.slice(this.#first)
    this.#first = 0
  }

  #charsOf(number: number): number {
    const value = this.#values.get(number)
    return value === undefined ? 0 : (this.#bounds.text?.charsOf(value) ?? 0)
  }
}
