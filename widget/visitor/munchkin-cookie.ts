/**
 * Parses Munchkin's cookies from a cookie string; it is pure and does not use `document`.
 *
 * A page can have several `_mkto_trk` cookies, after a change of the site's domain settings or if two Marketo accounts
 * share a domain. The widget selects the most likely one; the relay validates it.
 */

/** Matches a complete cookie value; the group is the domain that it was written for. */
const VALUE = /^id:\d{3}-[A-Z]{3}-\d{3}&token:_mch-([\w.-]+)-(\d{13}-\d+|[\da-f]{31,32})$/

/** Returns true if the visitor has opted out of tracking (`?marketo_opt_out=true` makes Munchkin set this cookie). */
export function hasOptedOut(cookies: string): boolean {
  return /(^|; *)mkto_opt_out=true *(;|$)/.test(cookies)
}

/**
 * Returns the visitor's cookie value, decoded, or `undefined` if there is none.
 *
 * @param cookies as in `document.cookie`
 * @param hostname the page's host; a cookie written for it or for a parent domain is preferred
 * @param munchkinId the preferred account, like `123-ABC-456`; it takes precedence over the domain
 */
export function visitorCookie(cookies: string, hostname: string, munchkinId?: string | null): string | undefined {
  const rank = (value: string): number => {
    const domain = VALUE.exec(value)?.[1]
    return (value.startsWith(`id:${munchkinId}&`) ? 2 : 0) + (domain && `.${hostname}`.endsWith(`.${domain}`) ? 1 : 0)
  }
  return cookies
    .split(/; */)
    .filter((cookie) => cookie.startsWith('_mkto_trk='))
    .map((cookie) => decode(cookie.slice(10)))
    .toSorted((a, b) => rank(b) - rank(a))[0]
}

/** Decodes a value once. Munchkin writes its cookie unencoded, but some servers pass on a percent-encoded copy. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // An invalid "%" means that the value was never encoded.
  }
}
