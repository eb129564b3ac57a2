/** Makes the ids of leads and the ordering keys of people. No other file of the relay makes them. */
import { toHex } from '../hex.ts'
import type { LeadId, OrderingKey } from './lead.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Returns the id that a submission names, in lower case; undefined if it is not a UUID. */
export function parseLeadId(text: string): LeadId | undefined {
  const id = text.toLowerCase()
  return UUID.test(id) ? (id as LeadId) : undefined
}

/** Returns the ordering key of a person: the address without regard to case. */
export function orderingKeyOf(email: string): OrderingKey {
  return `email:${email.toLowerCase()}` as OrderingKey
}

/**
 * Returns an id for a submission that names none: a UUID of version 7 (RFC 9562, section 5.7), in lower case. Such ids are
 * ordered by time, so that an index of them grows at its end.
 *
 * @param now time, in epoch ms
 * @param random ten random bytes
 */
export function newLeadId(now: number, random: Uint8Array): LeadId {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(now) << 16n)
  bytes.set(random.subarray(0, 10), 6)
  return formatUuid(bytes, 7)
}

/**
 * Returns the id of a lead whose own id stands for another content: a UUID of version 8 (RFC 9562, section 5.8), in lower
 * case. The same digest makes the same id.
 *
 * @param digest 16 bytes in base64url, from which nobody can tell the content
 */
export function replacementId(digest: string): LeadId {
  const text = atob(digest.replaceAll('-', '+').replaceAll('_', '/'))
  return formatUuid(
    Uint8Array.from(text, (character) => character.charCodeAt(0)),
    8,
  )
}

/** Sets the version and the variant in 16 bytes, and formats them as a UUID. */
function formatUuid(bytes: Uint8Array, version: 7 | 8): LeadId {
  bytes[6] = (version << 4) | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = toHex(bytes)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return parts.join('-') as LeadId
}
