/**
 * Issues the access tokens of the account's REST service and checks them. Verifies no client id and no secret.
 *
 * As at Marketo, asking again returns the same token with its remaining seconds. The first use of a token after its end
 * is answered 602, every later one 601. Tokens are kept in memory alone: a restart makes all of them invalid.
 */

/** Adobe's sample of a new token has 3,599 seconds. */
const TOKEN_LIFETIME_MS = 3_599_000

export class Tokens {
  #current: { value: string; endsAt: number } | undefined
  /** Tokens that have ended and were not used since. */
  readonly #ended = new Set<string>()

  /** Returns the valid token, or a new one, with its remaining time in whole seconds: 0 in its last second. */
  issue(now: number): { value: string; expiresIn: number } {
    this.#endCurrent(now)
    this.#current ??= { value: `${crypto.randomUUID()}:int`, endsAt: now + TOKEN_LIFETIME_MS }
    const { value, endsAt } = this.#current
    return { value, expiresIn: Math.floor((endsAt - now) / 1_000) }
  }

  /** Returns the error of the token: 601 invalid, 602 ended; or undefined if it is valid. */
  check(value: string, now: number): '601' | '602' | undefined {
    this.#endCurrent(now)
    if (value === this.#current?.value) return undefined
    return this.#ended.delete(value) ? '602' : '601'
  }

  /** Ends the valid token now, if it is this one. */
  end(value: string): void {
    if (value !== this.#current?.value) return
    this.#ended.add(value)
    this.#current = undefined
  }

  #endCurrent(now: number): void {
    if (this.#current && now >= this.#current.endsAt) this.end(this.#current.value)
  }
}
