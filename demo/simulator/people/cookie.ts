/**
 * Parses the value of the Munchkin cookie. Knows no person: the token half identifies a browser, the other an account.
 *
 * Marketo does not document the effect of another account's cookie. Here it is ignored, like an invalid one.
 */

export interface Cookie {
  /** `id:123-ABC-456&token:_mch-acme.example-1764000000000-54321`. */
  value: string
  /** `_mch-acme.example-1764000000000-54321`. */
  token: string
}

/** Tokens end in 13 digits of milliseconds and a random number, or (since 2024) in 31 or 32 hex digits. */
const COOKIE = /^id:\d{3}-[A-Z]{3}-\d{3}&token:(_mch-[A-Za-z0-9.-]{1,253}-(?:\d{13}-\d{1,6}|[0-9a-f]{31,32}))$/

/** Parses a cookie's raw value. Returns undefined if it is invalid or percent-encoded, because Marketo does not decode it. */
export function readCookie(value: string): Cookie | undefined {
  const token = COOKIE.exec(value)?.[1]
  return token === undefined ? undefined : { value, token }
}

/** Parses a cookie's raw value. Returns undefined if it is invalid or belongs to another account. */
export function readOwnCookie(value: string, munchkinId: string): Cookie | undefined {
  return value.startsWith(`id:${munchkinId}&`) ? readCookie(value) : undefined
}
