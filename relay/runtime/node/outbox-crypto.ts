/**
 * Cryptography of Node for the outbox, and the options that it is opened with.
 *
 * HMAC-SHA-256 (RFC 2104) is made of two one-shot hashes: `createHmac` takes ten times as long, and each lead needs up to
 * four. Both hashes are returned as text, because a buffer for each one would take longer than the hash itself.
 */
import { hash, randomBytes } from 'node:crypto'
import { SOAP_BATCH_KEYS } from '../../marketo/soap/transport.ts'
import type { KeyedDigest, OutboxCrypto } from '../../outbox/person-keys.ts'

/** Block length of SHA-256, in bytes. */
const BLOCK_BYTES = 64
const HASH_BYTES = 32

/** Length in characters of a text whose bytes have a place beside the key. Longer ones get a buffer of their own. */
const MAX_PLACED_LENGTH = 4_096

/** Maximum number of bytes of UTF-8 for each UTF-16 code unit. */
const MAX_UTF8_BYTES = 3

/** @param secret at most 64 bytes */
function keyedDigest(secret: Uint8Array): KeyedDigest {
  const inner = Buffer.alloc(BLOCK_BYTES + MAX_UTF8_BYTES * MAX_PLACED_LENGTH)
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES)
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    inner[at] = (secret[at] ?? 0) ^ 0x36
    outer[at] = (secret[at] ?? 0) ^ 0x5c
  }
  function message(text: string): Uint8Array {
    if (text.length > MAX_PLACED_LENGTH) return Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.from(text)])
    return inner.subarray(0, BLOCK_BYTES + inner.write(text, BLOCK_BYTES))
  }
  return (text) => {
    outer.write(hash('sha256', message(text), 'hex'), BLOCK_BYTES, 'hex')
    return firstHalf(hash('sha256', outer, 'base64url'))
  }
}

/** Number of characters of base64url that the first 16 bytes fill. */
const FILLED_CHARACTERS = 21

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The last character of 16 bytes, by the character that has the same two bits and four of the next byte. */
const LAST_CHARACTERS = new Map(Array.from(BASE64URL, (character, bits) => [character, BASE64URL[bits & 0b11_0000]!]))

/** Returns the first 16 of 32 bytes in base64url. */
function firstHalf(bytes: string): string {
  return bytes.slice(0, FILLED_CHARACTERS) + LAST_CHARACTERS.get(bytes[FILLED_CHARACTERS]!)!
}

export const NODE_CRYPTO: OutboxCrypto = { randomBytes: (length) => randomBytes(length), keyedDigest }

/** Options of every outbox on Node, without its limits. */
export const OUTBOX_OPTIONS = { batchKeys: SOAP_BATCH_KEYS, crypto: NODE_CRYPTO }
