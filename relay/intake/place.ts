/**
 * Reads from where a visitor posted: the addresses of the page and of the one before it. Anything can stand there, so each is
 * left out unless it is a web address, and that of the page unless it is of an origin that may post the form. Pure.
 */
import { isListed } from './listed-origin.ts'

/**
 * Returns the extras without the addresses that are left out, for each of which a note is added.
 *
 * @param origins the origins of the form
 */
export function readPlace(
  extras: ReadonlyMap<string, string>,
  origins: ReadonlySet<string>,
  notes: string[],
): ReadonlyMap<string, string> {
  const page = problemOf(extras.get('_page'), origins)
  const referrer = problemOf(extras.get('_referrer'))
  if (page === undefined && referrer === undefined) return extras
  const left = new Map(extras)
  if (page !== undefined) {
    left.delete('_page')
    notes.push(`page left out: ${page}`)
  }
  if (referrer !== undefined) {
    left.delete('_referrer')
    notes.push(`referrer left out: ${referrer}`)
  }
  return left
}

/**
 * The origin of an address whose host has a domain of ASCII letters, digits and hyphens. Such an address is valid, whatever
 * follows, and to parse it as a URL would take many times as long. A domain that ends with digits could be an IPv4 address, and a
 * label in Punycode (`xn--`) may be broken: these are parsed.
 */
const PLAIN_ORIGIN = /^https?:\/\/(?!(?:[a-z\d-]+\.)*xn--)(?:[a-z\d-]+\.)+[a-z]{2,}(?=[/?#]|$)/

/** Returns the origin of a web address; undefined if it is none. */
function originOf(address: string): string | undefined {
  const [plain] = PLAIN_ORIGIN.exec(address) ?? []
  if (plain !== undefined) return plain
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address).origin : undefined
}

/** Returns why an address is left out; undefined where there is none, or it is kept. */
function problemOf(address = '', origins?: ReadonlySet<string>): string | undefined {
  if (address === '') return undefined
  const origin = originOf(address)
  if (origin === undefined) return 'not a web address'
  // A page that may post without an origin may be anywhere.
  if (!origins || origins.has('null') || isListed(origins, origin)) return undefined
  return 'not of an origin of the form'
}
