/**
 * Cryptography with a known secret, so that the oracle can name a lead whose id was used before as the outbox under test
 * does. Which leads those are, the oracle decides by itself.
 */
import type { Lead, LeadId } from '../../../../relay/intake/lead.ts'
import { FIRST_ACCOUNT } from '../../../../relay/account-name.ts'
import { addedKeysOf, withReplacedId } from '../../../../relay/outbox/content-key.ts'
import type { OutboxCrypto } from '../../../../relay/outbox/person-keys.ts'
import { NODE_CRYPTO } from '../../../../relay/runtime/node/outbox-crypto.ts'

/** An outbox under test must be opened with it. */
export const KNOWN_SECRET: OutboxCrypto = { ...NODE_CRYPTO, randomBytes: (length) => new Uint8Array(length).fill(7) }

const digest = KNOWN_SECRET.keyedDigest(KNOWN_SECRET.randomBytes(32))

/** Returns the id of a lead whose own id stands for another content. */
export async function replacementOf(lead: Lead): Promise<LeadId> {
  const [keys] = await addedKeysOf([lead], FIRST_ACCOUNT, digest)
  return withReplacedId(lead, keys!).id
}
