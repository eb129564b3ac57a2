/**
 * Cryptography of Node for the outbox, and the options that it is opened with.
 *
 * HMAC-SHA-256 (RFC 2104) is made of two one-shot hashes: `createHmac` takes five times as long, and each lead needs one.
 */
import { hash, randomBytes } from 'node:crypto'
import { SOAP_BATCH_KEYS } from '../../marketo/soap/transport.ts'
import type { KeyedDigest, OutboxCrypto } from '../../outbox/person-keys.ts'

/** Block length of SHA-256, in bytes. */
const BLOCK_BYTES = 64
const HASH_BYTES = 32

/** Length of a digest, in bytes. */
const DIGEST_BYTES = 16

/** @param secret at most 64 bytes */
function keyedDigest(secret: Uint8Array): KeyedDigest {
  const inner = Buffer.alloc(BLOCK_BYTES, 0x36)
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES, 0x5c)
  for (const [at, byte] of secret.entries()) {
    inner[at]! ^= byte
    outer[at]! ^= byte
  }
  return (text) => {
    hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer').copy(outer, BLOCK_BYTES)
    return hash('sha256', outer, 'buffer').toString('base64url', 0, DIGEST_BYTES)
  }
}

export const NODE_CRYPTO: OutboxCrypto = { randomBytes: (length) => randomBytes(length), keyedDigest }

/** Options of every outbox on Node, without its limits. */
export const OUTBOX_OPTIONS = { batchKeys: SOAP_BATCH_KEYS, crypto: NODE_CRYPTO }
