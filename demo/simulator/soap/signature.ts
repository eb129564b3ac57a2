/**
 * Who calls? Marketo signs stamp and user id with HMAC-SHA1, hex in lower case.
 *
 * Written apart from every client, so that no client and this can be wrong together.
 */
import type { Account } from '../account.ts'
import type { Authentication } from './envelope.ts'
import { SoapFault } from './fault.ts'

/** Forty hex digits. */
export async function sign(userId: string, stamp: string, secretKey: string): Promise<string> {
  const text = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-1' }
  const key = await crypto.subtle.importKey('raw', text.encode(secretKey), algorithm, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(stamp + userId)))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Throws 20014 for a wrong user or signature, 20016 for a stamp further than `window` milliseconds from now. */
export async function authenticate(
  { userId, signature, stamp }: Authentication,
  account: Account,
  now: number,
  window: number,
): Promise<void> {
  const right = userId === account.userId && signature === (await sign(userId, stamp, account.secretKey))
  if (!right) throw new SoapFault('20014')
  const at = readStamp(stamp)
  if (at === undefined || Math.abs(now - at) > window) throw new SoapFault('20016')
}

/**
 * Epoch milliseconds, or undefined for what is no time. W3C date-times, and `2014-07-23 16:53:18 -0500` beside them,
 * with which one client worked for years.
 */
export function readStamp(stamp: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)$/.exec(stamp)
  if (!parts) return undefined
  const [, day, time, offset = ''] = parts
  const at = Date.parse(`${day}T${time}${offset.replace(/^(...)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(at) ? undefined : at
}
