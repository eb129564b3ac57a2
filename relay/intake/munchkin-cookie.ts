/**
 * Which Munchkin cookie goes with the lead, if any.
 *
 * A cookie can be malformed, forged or another company's. None of that costs the lead: the cookie is left out, and a
 * note says why. Marketo's documentation of the cookie: `id:<Munchkin id>&token:_mch-<domain>-<random>`.
 */

export interface Visitor {
  cookie?: string
  /** For the operator; never the cookie itself. */
  note?: string
}

const COOKIE = /^id:(\d{3}-[A-Z]{3}-\d{3})&token:_mch-[\w.-]{1,255}$/

/**
 * @param posted what the page sent as `_visitor`
 * @param header the request's `Cookie` header: a page without script on the relay's own site sends its cookies
 * @param munchkinId whose cookies are ours; without it any well-formed cookie is
 */
export function readVisitor(posted: string | undefined, header: string | null, munchkinId?: string): Visitor {
  const cookies = header ? readCookies(header) : []
  if (cookies.some(([name, value]) => name === 'mkto_opt_out' && value === 'true')) {
    return { note: 'cookie left out: the visitor opted out' }
  }
  const candidates = posted ? [posted] : cookies.filter(([name]) => name === '_mkto_trk').map(([, value]) => value)
  const given = candidates.filter((value) => value !== '').map(decodeOnce)
  if (given.length === 0) return {}

  const wellFormed = given.filter((value) => COOKIE.test(value))
  const ours = wellFormed.find((value) => !munchkinId || COOKIE.exec(value)?.[1] === munchkinId)
  if (ours) return { cookie: ours }
  return { note: `cookie left out: ${wellFormed.length > 0 ? 'of another Munchkin id' : 'malformed'}` }
}

/** The value is raw in a browser, and percent-encoded where some library copied it. Two rounds would be one too many. */
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
