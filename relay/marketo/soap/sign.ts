/**
 * Signs calls: lower-case hex of HMAC-SHA1 (RFC 2104) with the secret key over the timestamp followed by the user id.
 *
 * The signature covers neither the body nor the operation. It is made just before a call is sent and never stored.
 * Source: Marketo's page "Authentication Signature".
 */
import { toHex } from '../../hex.ts'

/** Signs a timestamp. Rejects if the key cannot be used, for example if it is empty. */
export type Sign = (timestamp: string) => Promise<string>

/**
 * Formats a time as Marketo expects it: `2026-11-23T09:30:00+00:00`, in UTC, to the second. The offset is never `Z`,
 * because no client is known to have sent that.
 *
 * @param at - epoch milliseconds
 * @throws {RangeError} When `at` is not a valid time.
 */
export function formatTimestamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+00:00`
}

/**
 * Creates a signer for one user with one key.
 *
 * The signature is valid for all calls within the same second, so the last one is cached with its timestamp. The cache
 * holds values, not promises: a failure is not cached, and in a Worker no request awaits a promise of another.
 */
export function createSigner({ userId, secretKey }: { userId: string; secretKey: string }): Sign {
  let key: CryptoKey | undefined
  let last = { timestamp: '', signature: '' }

  return async (timestamp) => {
    if (last.timestamp === timestamp) return last.signature
    key ??= await importKey(secretKey)
    const signature = toHex(
      new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(timestamp + userId))),
    )
    last = { timestamp, signature }
    return signature
  }
}

function importKey(secretKey: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secretKey)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
}
