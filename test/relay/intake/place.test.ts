import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { readPlace } from '../../../relay/intake/place.ts'

/** Addresses whose hosts look like domains, and of which many are invalid or written in another way than their origin. */
const address = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.stringMatching(/^https?:\/\/(xn--)?[a-z\d-]{1,8}(\.(xn--[a-z\d-]{1,5}|[a-z\d-]{0,5})){0,3}([/?#:][ -~]{0,5})?$/),
)

it('keeps a referrer that the URL parser takes, and no other', () => {
  fc.assert(
    fc.property(address, (referrer) => {
      const kept = readPlace(new Map([['_referrer', referrer]]), new Set(), [])
      expect(kept.has('_referrer')).toBe(URL.canParse(referrer))
    }),
    { numRuns: 1_000 },
  )
})

it('keeps a page whose origin is listed as the URL parser writes it, and no other', () => {
  fc.assert(
    fc.property(address, (page) => {
      const origin = URL.canParse(page) ? new URL(page).origin : 'https://www.acme.example'
      const extras = new Map([['_page', page]])
      expect(readPlace(extras, new Set([origin]), []).has('_page')).toBe(URL.canParse(page))
      expect(readPlace(extras, new Set([`${origin}.example`]), []).has('_page')).toBe(false)
    }),
    { numRuns: 1_000 },
  )
})
