/**
 * Parses Munchkin's cookies from a cookie string; it is pure and does not use `document`.
 *
 * A page can have several `_mkto_trk` cookies, after a change of the site's domain settings or if two Marketo accounts
 * share a domain. The widget sends all of them, the most likely one first. The relay knows its account and chooses.
 */

/** Matches a well-formed cookie; the group is the domain that it was written for. */
const VALUE = /^id:\d{3}-[A-Z]{3}-\d{3}&token:_mch-([\w.-]+?)(-\d{13}-\d+|-[\da-f]{31,32})?$/

/** Returns true if the visitor has opted out of tracking (`?marketo_opt_out=true` makes Munchkin set this cookie). */
export function hasOptedOut(cookies: string): boolean {
  return /(^|; *)mkto_opt_out=true *(;|$)/.test(cookies)
}

/**
 * Returns the visitor's well-formed cookies, decoded and without quotes.
 *
 * @param cookies as in `document.cookie`
 * @param hostname the page's host; a cookie written for it or for a parent domain is preferred
 * @param munchkinId the preferred account, like `123-ABC-456`, in any case; it takes precedence over the domain
 */
export function visitorCookies(cookies: string, hostname: string, munchkinId?: string | null): string[] {
  const rank = (value: string): number =>
    (value.startsWith(`id:${munchkinId?.toUpperCase()}&`) ? 2 : 0) +
    (`.${hostname}`.endsWith(`.${VALUE.exec(value)![1]}`) ? 1 : 0)
  const values = cookies
    .split(/; */)
    .filter((cookie) => cookie.startsWith('_mkto_trk='))
    .map((cookie) => decode(cookie.slice(10).replace(/^"(.*)"$/, '$1')))
  return [...new Set(values)].filter((value) => VALUE.test(value)).toSorted((a, b) => rank(b) - rank(a))
}

/** Decodes a value once. Munchkin writes its cookie unencoded, but some servers pass on a percent-encoded copy. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // An invalid "%" means that the value was never encoded.
  }
}
