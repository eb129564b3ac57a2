/**
 * Replaces the package `path-expression-matcher` in the Worker's bundle. The relay's settings treat no tag differently by
 * its path, so only the current tag is tracked.
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
}

/** A placeholder: the relay's settings contain no expressions. */
export const Expression = Object

export class ExpressionSet {
  readonly size = 0

  seal(): void {}
}
