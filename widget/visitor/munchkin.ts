/**
 * Reads Munchkin's cookies out of a cookie string. Pure: it never touches `document`.
 *
 * Several `_mkto_trk` cookies stand on a page after a site's domain settings changed or when two Marketos share a domain.
 * What is chosen here is only the likeliest one; the relay checks it again.
 */

/** A whole value as Munchkin writes it, around the domain that it was written for. */
const VALUE = /^id:\d{3}-[A-Z]{3}-\d{3}&token:_mch-([\w.-]+)-(\d{13}-\d+|[\da-f]{31,32})$/

/** True when the visitor asked Munchkin not to be followed (`?marketo_opt_out=true` sets this cookie). */
export function hasOptedOut(cookies: string): boolean {
  return /(^|; *)mkto_opt_out=true *(;|$)/.test(cookies)
}

/**
 * The visitor's cookie value, decoded; `undefined` when there is none.
 *
 * @param cookies as in `document.cookie`
 * @param hostname the page's; a cookie written for it or for a domain above it is preferred
 * @param munchkinId whose cookies are ours, like `123-ABC-456`; this counts for more than the domain
 */
export function visitorCookie(cookies: string, hostname: string, munchkinId?: string | null): string | undefined {
  const rank = (value: string): number => {
    const domain = VALUE.exec(value)?.[1]
    return (value.startsWith(`id:${munchkinId}&`) ? 2 : 0) + (domain && `.${hostname}`.endsWith(`.${domain}`) ? 1 : 0)
  }
  return cookies
    .split(/; */)
    .filter((cookie) => cookie.startsWith('_mkto_trk='))
    .map((cookie) => decoded(cookie.slice(10)))
    .toSorted((a, b) => rank(b) - rank(a))[0]
}

/** Decoded once. Munchkin writes its cookie raw; some servers hand on a percent-encoded copy. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // A stray "%" means that it was never encoded.
  }
}
