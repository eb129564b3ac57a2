/**
 * Keyed digests of people and visitors: what orders a person's leads and finds them, without an address in clear. Also the
 * fingerprint of the credentials of an account.
 *
 * The secret is made once for each database and kept in it. Digests of two databases cannot be compared.
 */
import { fromHex, toHex } from '../hex.ts'

/**
 * Returns the first 16 bytes of the HMAC-SHA-256 (RFC 2104) of a text, in base64url: 22 characters. A promise where the
 * runtime computes it asynchronously.
 */
export type KeyedDigest = (text: string) => string | Promise<string>

/** Cryptography of the runtime. */
export interface OutboxCrypto {
  randomBytes(length: number): Uint8Array
  keyedDigest(secret: Uint8Array): KeyedDigest
}

/** Length of the secret, in bytes. */
const SECRET_LENGTH = 32

/** Returns a new secret in hexadecimal, as it is stored. */
export function createSecret({ randomBytes }: OutboxCrypto): string {
  return toHex(randomBytes(SECRET_LENGTH))
}

/** Reads a stored secret. */
export function parseSecret(secret: string): Uint8Array {
  return fromHex(secret)
}

/** The keys of one lead. */
export interface LeadKeys {
  person: string
  visitor: string | null
}

/** Computes the keys of leads, in their order. All digests start at once. */
export async function keysOf(
  leads: readonly { person: string; cookie?: string }[],
  digest: KeyedDigest,
): Promise<LeadKeys[]> {
  const digests = leads.map(({ person, cookie }) => ({
    person: digest(person),
    visitor: cookie === undefined ? null : digest(cookie),
  }))
  const keys: LeadKeys[] = []
  for (const { person, visitor } of digests) {
    // A digest that is there already takes no turn of the event loop.
    keys.push({
      person: typeof person === 'string' ? person : await person,
      visitor: visitor === null || typeof visitor === 'string' ? visitor : await visitor,
    })
  }
  return keys
}

/** Computes the visitor key of a cookie that an edit sets; null when it sets none. */
export async function visitorKeyOf(
  { cookie }: { cookie?: string | null },
  digest: KeyedDigest,
): Promise<string | null> {
  return cookie ? digest(cookie) : null
}

/** Length of a fingerprint, in characters of base64url: 24 bits. */
const FINGERPRINT_LENGTH = 4

/**
 * Computes the fingerprint of credentials, which shows whether they have changed. It is so short that nobody with a copy
 * of the database can confirm a guessed key by it: one in 16 million wrong ones fits too.
 */
export async function fingerprintOf(credentials: string | undefined, digest: KeyedDigest): Promise<string | undefined> {
  if (credentials === undefined) return undefined
  return (await digest(`credentials ${credentials}`)).slice(0, FINGERPRINT_LENGTH)
}
