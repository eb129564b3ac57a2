import { expect, it } from 'vitest'
import { uuidv7 } from '../../../widget/submit/submission-id.ts'

it('returns the example of version 7 in RFC 9562', () => {
  // Appendix A.6: unix_ts_ms 017F22E279B0, rand_a CC3, rand_b 18C4DC0C0C07398F
  const bytes = Uint8Array.from([0, 0, 0, 0, 0, 0, 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f])

  const id = uuidv7(0x017f22e279b0, bytes)

  expect(id).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
})

it('keeps version and variant if every random bit is set', () => {
  const id = uuidv7(0, new Uint8Array(16).fill(0xff))

  expect(id).toBe('00000000-0000-7fff-bfff-ffffffffffff')
})

it('returns ids that sort by time', () => {
  const ids = [1, 255, 256, 1_764_000_000_000].map((now) => uuidv7(now, new Uint8Array(16)))

  expect(ids).toEqual(ids.toSorted())
})
