import { expect, it } from 'vitest'
import { newLeadId, parseLeadId, replacementId } from '../../../relay/intake/identity.ts'

it('a new id is the UUID of version 7 in RFC 9562, appendix A.6', () => {
  // The time and the random bits of the example there.
  const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f])

  expect(newLeadId(1_645_557_742_000, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
})

it('a replacement is the UUID of version 8 that has the bits of the digest', () => {
  // printf '\x00\x11\x22…\xff' | basenc --base64url; '-' and '_' stand for the sixth bits 62 and 63.
  expect(replacementId('ABEiM0RVZneImaq7zN3u_w')).toBe('00112233-4455-8677-8899-aabbccddeeff')
  expect(replacementId('-_-_-_-_-_-_-_-_-_-_-w')).toBe('fbffbffb-ffbf-8bff-bffb-ffbffbffbffb')
})

it('a replacement is an id that a submission may name', () => {
  const id = replacementId('ABEiM0RVZneImaq7zN3u_w')

  expect(parseLeadId(id.toUpperCase())).toBe(id)
})
