/**
 * The signature of a call: `lower-case hex(HMAC-SHA1(secret key, stamp + user id))`.
 *
 * It covers neither the body nor the operation. It is made when a call is about to go out and is never stored.
 * Source: Marketo's SOAP API documentation, "Authentication signature".
 */

/** Rejects when the key cannot be used, as an empty one. */
export type Sign = (stamp: string) => Promise<string>

/**
 * A moment as Marketo reads it: `2026-11-23T09:30:00+00:00`, in UTC, to the second. Never `Z`: no client is known to
 * have sent it.
 *
 * @param at epoch milliseconds
 */
export function stampOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+00:00`
}

/**
 * Signs stamps for one user with one key.
 *
 * One signature is right for every call of its second, so the last one is kept beside its stamp. Values are kept and
 * not promises: a failure is tried again, and in a Worker no request waits for another's.
 */
export function createSigner({ userId, secretKey }: { userId: string; secretKey: string }): Sign {
  let key: CryptoKey | undefined
  let last = { stamp: '', signature: '' }

  return async (stamp) => {
    if (last.stamp === stamp) return last.signature
    key ??= await importKey(secretKey)
    const signature = hex(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(stamp + userId)))
    last = { stamp, signature }
    return signature
  }
}

function importKey(secretKey: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secretKey)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
