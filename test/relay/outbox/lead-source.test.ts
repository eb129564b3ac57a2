import { describe, expect, it } from 'vitest'
import { createSourceDigest } from '../../../relay/outbox/lead-source.ts'
import { WORKERD_CRYPTO } from '../../../relay/runtime/cloudflare/outbox-crypto.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'
import { T } from '../../suites/outbox/leads.ts'

const DAY_MS = 86_400_000

/** Day 19,675 begins 22 h 13 min 20 s before `T`. */
const BEGIN = 19_675 * DAY_MS

const RUNTIMES = [
  ['Node', NODE_CRYPTO],
  ['workerd', WORKERD_CRYPTO],
] as const

/** Returns the function that computes sources, with a secret of 32 zero bytes. */
function sourceOn(crypto: (typeof RUNTIMES)[number][1]) {
  return createSourceDigest(crypto, crypto.keyedDigest(new Uint8Array(32)))
}

/**
 * The first 16 bytes of each HMAC in base64url, the first one as the key of the second:
 *   printf '%s' 'source key of day 19675' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '%064d' 0) -binary
 *   printf '%s' '192.0.2.1' | openssl dgst -sha256 -mac HMAC -macopt key:Oug_4SjTnrt5aAlyydnGgA -binary
 */
const SOURCE = 'e9vJj61UKEFYnr4BnExmzQ'

describe.each(RUNTIMES)('the source of a lead on %s', (_, crypto) => {
  it('is a digest of the network with the key of the day', async () => {
    expect(await sourceOn(crypto)({ network: '192.0.2.1', acceptedAt: T })).toBe(SOURCE)
  })

  it('is the same for all leads of a day (UTC), and differs on the days before and after', async () => {
    const sourceOf = sourceOn(crypto)
    const times = [BEGIN, T, BEGIN + DAY_MS - 1, BEGIN - 1, BEGIN + DAY_MS]

    const sources = await Promise.all(times.map(async (acceptedAt) => sourceOf({ network: '192.0.2.1', acceptedAt })))

    expect(sources.slice(0, 3)).toStrictEqual([SOURCE, SOURCE, SOURCE])
    expect(new Set(sources).size).toBe(3)
  })

  it('differs by network, and is none where the network is not known', async () => {
    const sourceOf = sourceOn(crypto)

    expect(await sourceOf({ network: '192.0.2.2', acceptedAt: T })).not.toBe(SOURCE)
    expect(await sourceOf({ acceptedAt: T })).toBeNull()
  })
})
