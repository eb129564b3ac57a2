/**
 * Reads the page and the browser of a visitor, for a form that fills out a Marketo form. Each part may be anything: what is
 * not usable is left out. Pure.
 */
import type { Visit } from './lead.ts'
import { sanitize } from './sanitize.ts'

/** Maximum length of each part, in characters. */
const MAX_LENGTH = 2_000

/** Octets of the networks that no visitor comes from: a proxy's own, this host's, and one without an address. */
const PRIVATE = /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./

/** Returns the visit of a submission; undefined if nothing is known of it. */
export function readVisit(
  extras: ReadonlyMap<string, string>,
  { userAgent, address }: { userAgent?: string | null; address?: string | undefined },
): Visit | undefined {
  const url = pageIn(extras.get('_page'))
  const parts: Visit = {
    pageURL: url ? clean(url.origin + url.pathname) : '',
    queryString: clean(extras.get('_query') || (url?.search.slice(1) ?? '')),
    userAgentString: clean(userAgent ?? ''),
    leadClientIpAddress: publicIPv4(address),
  }
  const known = Object.entries(parts).filter(([, part]) => part !== '')
  return known.length > 0 ? Object.fromEntries(known) : undefined
}

function pageIn(page = ''): URL | undefined {
  return /^https?:\/\//i.test(page) && URL.canParse(page) ? new URL(page) : undefined
}

function clean(text: string): string {
  return sanitize(text, false).trim().slice(0, MAX_LENGTH).toWellFormed()
}

/** Returns a public IPv4 address, also where it is written as one of IPv6; else ''. Marketo takes no other. */
function publicIPv4(address = ''): string {
  const text = address.replace(/^::ffff:/i, '')
  const octets = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split('.') : []
  return octets.length > 0 && octets.every((octet) => Number(octet) < 256) && !PRIVATE.test(text) ? text : ''
}
