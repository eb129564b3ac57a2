/**
 * The Munchkin cookie's value. The token half is what a person is known by; the other half names an account.
 *
 * Marketo does not say what a cookie of another account does. Chosen: it associates nothing, like one that is none.
 */

export interface Cookie {
  /** `id:123-ABC-456&token:_mch-acme.example-1764000000000-54321`. */
  value: string
  /** `_mch-acme.example-1764000000000-54321`. */
  token: string
}

/** Two shapes are in the wild: 13 digits of milliseconds with a random number, and (since 2024) 31 or 32 hex digits. */
const COOKIE = /^id:\d{3}-[A-Z]{3}-\d{3}&token:(_mch-[A-Za-z0-9.-]{1,253}-(?:\d{13}-\d{1,6}|[0-9a-f]{31,32}))$/

/**
 * Reads a cookie's value as the browser holds it. Anything else is undefined, a percent-encoded copy among it: Marketo
 * does not decode what it is given either.
 */
export function readCookie(value: string): Cookie | undefined {
  const token = COOKIE.exec(value)?.[1]
  return token === undefined ? undefined : { value, token }
}

/** The same for a cookie of the account with this Munchkin id; one of another account is undefined too. */
export function readOwnCookie(value: string, munchkinId: string): Cookie | undefined {
  return value.startsWith(`id:${munchkinId}&`) ? readCookie(value) : undefined
}
