/**
 * The source of a lead: a keyed digest of the visitor's network. Its key is another one each day (UTC), so that digests of
 * two days cannot be compared. The network itself is stored nowhere.
 */
import type { Lead } from '../intake/lead.ts'
import type { KeyedDigest, OutboxCrypto } from './person-keys.ts'

/** Returns the source of a lead, or null where the network is unknown. A promise where the runtime computes it asynchronously. */
export type SourceDigest = (lead: Pick<Lead, 'network' | 'acceptedAt'>) => string | null | Promise<string>

const DAY_MS = 86_400_000

/** @param digest keyed digest of the database, which makes the keys of the days */
export function createSourceDigest({ keyedDigest }: OutboxCrypto, digest: KeyedDigest): SourceDigest {
  let last: { day: number; digest: KeyedDigest } | undefined

  function digestOf(day: number): KeyedDigest {
    const key = digest(`source key of day ${day}`)
    if (typeof key === 'string') return keyedDigest(bytesOf(key))
    const own = key.then((text) => keyedDigest(bytesOf(text)))
    return async (text) => (await own)(text)
  }

  return ({ network, acceptedAt }) => {
    if (network === undefined) return null
    const day = Math.floor(acceptedAt / DAY_MS)
    if (last?.day !== day) last = { day, digest: digestOf(day) }
    return last.digest(network)
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
