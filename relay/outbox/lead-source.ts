/**
 * The source of a lead: a keyed digest of the visitor's network. Its key is another one each day (UTC), so that digests of
 * two days cannot be compared. The network itself is stored nowhere.
 */
import type { Lead } from '../intake/lead.ts'
import type { KeyedDigest, OutboxCrypto } from './person-keys.ts'

/** Returns the source of a lead, or null where the network is unknown; a promise where digests are promises. */
export type SourceDigest = (lead: Pick<Lead, 'network' | 'acceptedAt'>) => string | Promise<string> | null

const DAY_MS = 86_400_000

/** @param digest keyed digest of the database, which makes the keys of the days */
export function createSourceDigest({ keyedDigest }: OutboxCrypto, digest: KeyedDigest): SourceDigest {
  let last: { day: number; digest: KeyedDigest | Promise<KeyedDigest> } | undefined

  function digestOf(day: number): KeyedDigest | Promise<KeyedDigest> {
    const ofKey = (key: string) => keyedDigest(Uint8Array.from(key, (character) => character.charCodeAt(0)))
    const key = digest(`source key of day ${day}`)
    return typeof key === 'string' ? ofKey(key) : key.then(ofKey)
  }

  return ({ network, acceptedAt }) => {
    if (network === undefined) return null
    const day = Math.floor(acceptedAt / DAY_MS)
    if (last?.day !== day) last = { day, digest: digestOf(day) }
    return typeof last.digest === 'function' ? last.digest(network) : last.digest.then((own) => own(network))
  }
}
