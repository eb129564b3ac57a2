/**
 * Stands in the Worker's bundle for the package `path-expression-matcher`, of which our settings need next to nothing:
 * no tag is treated differently for where it stands. What is left is which tag the parser is in.
 */

export class Matcher {
  #tags: string[] = []

  readOnly(): this {
    return this
  }

  reset(): void {
    this.#tags = []
  }

  push(tag: string): void {
    this.#tags.push(tag)
  }

  pop(): void {
    this.#tags.pop()
  }

  getCurrentTag(): string | undefined {
    return this.#tags.at(-1)
  }

  updateCurrent(): void {}

  matchesAny(): boolean {
    return false
  }
}

/** There are none. */
export const Expression = Object

export class ExpressionSet {
  readonly size = 0

  seal(): void {}
}
