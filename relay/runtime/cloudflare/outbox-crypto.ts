/** Cryptography of workerd for the outbox: HMAC-SHA-256 (RFC 2104) by Web Crypto. */
import type { KeyedDigest, OutboxCrypto } from '../../outbox/person-keys.ts'

/** Length of a digest, in bytes. */
const DIGEST_BYTES = 16

const encoder = new TextEncoder()

function keyedDigest(secret: Uint8Array): KeyedDigest {
  const key = crypto.subtle.importKey('raw', new Uint8Array(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return async (text) => {
    const digest = new Uint8Array(await crypto.subtle.sign('HMAC', await key, encoder.encode(text)), 0, DIGEST_BYTES)
    return btoa(String.fromCharCode(...digest))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/=+$/, '')
  }
}

export const WORKERD_CRYPTO: OutboxCrypto = {
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  keyedDigest,
}
