/** Reads which proxies are trusted to report the address of a visitor: their number, or their addresses and networks. Pure. */
import { text, type Environment } from './account.ts'
import type { AddIssue } from './forms.ts'

/** Number of trusted proxies between a visitor and the relay, or their addresses and networks in CIDR notation. */
export type TrustedProxies = number | readonly string[]

const NAME = 'FORM_SYNC_TRUSTED_PROXIES'
const MAX_PROXIES = 10

/** Reads `FORM_SYNC_TRUSTED_PROXIES`. No proxy is trusted by default. */
export function readTrustedProxies(env: Environment, addIssue: AddIssue): TrustedProxies {
  const value = text(env[NAME])
  if (value === undefined) return 0
  const entries = value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  const wrong = entries.filter((entry) => !isNetwork(entry))
  if (entries.length > 0 && wrong.length === 0) return entries
  // The value is meant as a number where nothing in it looks like an address.
  if (!/[.:/,]/.test(value)) return readNumber(value, addIssue)
  const named = wrong.map((entry) => `"${entry}"`).join(', ') || `"${value}"`
  addIssue(NAME, `${named} is neither an address nor a network; write a list such as 10.0.0.0/8, 2001:db8::/32`)
  return 0
}

function readNumber(value: string, addIssue: AddIssue): number {
  const count = /^\d{1,2}$/.test(value) ? Number(value) : -1
  if (count < 0 || count > MAX_PROXIES) {
    addIssue(NAME, `"${value}" must be a whole number from 0 to ${MAX_PROXIES}, or a list such as 10.0.0.0/8`)
  }
  return count
}

/** Returns whether a text is an address, or a network in CIDR notation with at least one bit. */
function isNetwork(entry: string): boolean {
  const [, address = '', , bits] = /^([^/]*)(\/(\d{1,3}))?$/.exec(entry) ?? []
  const max = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0
  return max > 0 && (bits === undefined || (Number(bits) > 0 && Number(bits) <= max))
}

function isIPv4(text: string): boolean {
  const octets = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split('.') : []
  return octets.length > 0 && octets.every((octet) => String(Number(octet)) === octet && Number(octet) < 256)
}

function isIPv6(text: string): boolean {
  return /^[\da-f.]*:[\da-f:.]*$/i.test(text) && URL.canParse(`http://[${text}]`)
}
