/**
 * Verifies the signature of a request: HMAC-SHA1 over time stamp and user id, in lower-case hex.
 *
 * Shares no code with any client, so that an error in one cannot hide an error in the other.
 */
import type { Account } from '../account.ts'
import type { Authentication } from './envelope.ts'
import { SoapFault } from './fault.ts'

/** Returns the signature: forty hex digits. */
export async function sign(userId: string, stamp: string, secretKey: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-1' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secretKey), algorithm, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(stamp + userId)))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** @throws fault 20014 if user or signature is wrong, 20016 if the stamp is further than `windowMs` from `now` */
export async function authenticate(
  { userId, signature, stamp }: Authentication,
  account: Account,
  now: number,
  windowMs: number,
): Promise<void> {
  const isValid = userId === account.userId && signature === (await sign(userId, stamp, account.secretKey))
  if (!isValid) throw new SoapFault('20014')
  const at = readStamp(stamp)
  if (at === undefined || Math.abs(now - at) > windowMs) throw new SoapFault('20016')
}

/**
 * Parses a W3C date-time, or the form `2014-07-23 16:53:18 -0500`, which one client used with Marketo for years.
 *
 * @returns epoch milliseconds, or undefined if the stamp is invalid
 */
export function readStamp(stamp: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)$/.exec(stamp)
  if (!parts) return undefined
  const [, day, time, offset = ''] = parts
  const at = Date.parse(`${day}T${time}${offset.replace(/^(...)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(at) ? undefined : at
}
