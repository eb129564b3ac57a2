/**
 * Parses Munchkin cookies, and selects the one that is sent with the lead, if any.
 *
 * A cookie may be malformed, forged or another company's. The lead is accepted all the same: the cookie is left out, and a
 * note says why. Format, from Marketo's documentation: `id:<Munchkin id>&token:_mch-<domain>-<random>`.
 */

export interface Visitor {
  cookie?: string
  /** Reason why a cookie was left out, for the operator. Never contains the cookie. */
  note?: string
}

const COOKIE = /^id:(\d{3}-[A-Z]{3}-\d{3})&token:(_mch-[\w.-]{1,255})$/

/**
 * Returns the cookie to send, or a note if all were left out.
 *
 * Anybody can post a cookie that they have seen elsewhere, and with it become that visitor. A browser reports the origin of
 * the page truthfully, so only a cookie of that page's own site counts.
 *
 * @param posted `_visitor`, as the page sent it: one cookie, or several with spaces between
 * @param header `Cookie` header of the request: a page without script on the relay's own site sends its cookies
 * @param page origin of the page, which the form lists; undefined where the request names none
 * @param munchkinId id that the cookie must have; without it every well-formed cookie is valid
 */
export function readVisitor(
  posted: string | undefined,
  header: string | null,
  page: string | undefined,
  munchkinId?: string,
): Visitor {
  const cookies = header ? readCookies(header) : []
  if (cookies.some(([name, value]) => name === 'mkto_opt_out' && value === 'true')) {
    return { note: 'cookie left out: the visitor opted out' }
  }
  const candidates = posted
    ? posted.split(' ')
    : cookies.filter(([name]) => name === '_mkto_trk').map(([, value]) => value)
  const given = candidates.filter((value) => value !== '')
  if (given.length === 0) return {}

  const wellFormed = given.flatMap((value) => parseMunchkinCookie(value) ?? [])
  const own = wellFormed.filter((parsed) => !munchkinId || parsed.munchkinId === munchkinId)
  if (own.length === 0)
    return { note: `cookie left out: ${wellFormed.length > 0 ? 'of another Munchkin id' : 'malformed'}` }
  if (page === undefined) return { note: 'cookie left out: the request names no page' }
  const found = own.find(({ token }) => isOfSite(token, page))
  return found ? { cookie: found.cookie } : { note: 'cookie left out: of another site' }
}

/**
 * Returns whether the token was made for the site of the page: it begins with the name of the page's host, or of a domain
 * above it, as in `_mch-acme.example-1764000000000-54321`.
 */
function isOfSite(token: string, page: string): boolean {
  const own = token.toLowerCase()
  for (let domain = hostOf(page); domain !== ''; domain = domainAbove(domain)) {
    if (own.startsWith(`_mch-${domain}-`)) return true
  }
  return false
}

/** Returns the domain above another one; an empty text where that would be a top-level domain. */
function domainAbove(domain: string): string {
  const above = domain.slice(domain.indexOf('.') + 1)
  return above !== domain && above.includes('.') ? above : ''
}

/** Returns the host of an origin. To parse it as a URL would take as long as all else here, and most need none. */
function hostOf(page: string): string {
  const [, host] = /^https?:\/\/([a-z][a-z\d.-]*)(?::\d+)?$/.exec(page) ?? []
  return host ?? (URL.canParse(page) ? new URL(page).hostname : '')
}

/** A well-formed Munchkin cookie. */
interface MunchkinCookie {
  /** The cookie, decoded. */
  cookie: string
  munchkinId: string
  /** Begins with `_mch-`. */
  token: string
}

/** Parses a Munchkin cookie, decoded or percent-encoded once, also in quotes. Returns undefined if it is malformed. */
export function parseMunchkinCookie(value: string): MunchkinCookie | undefined {
  const cookie = decodeOnce(value.startsWith('"') ? value.replace(/^"(.*)"$/, '$1') : value)
  const [, munchkinId, token] = COOKIE.exec(cookie) ?? []
  return munchkinId === undefined || token === undefined ? undefined : { cookie, munchkinId, token }
}

/** Decodes a value that a library has percent-encoded, once. Browsers send it as it is. */
function decodeOnce(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function readCookies(header: string): [name: string, value: string][] {
  return header.split(';').map((pair) => {
    const at = pair.indexOf('=')
    return at < 0 ? ['', pair.trim()] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
  })
}
