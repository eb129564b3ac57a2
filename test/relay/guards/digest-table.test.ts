import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDigestTable } from '../../../relay/guards/digest-table.ts'

it('keeps the digests that were asked for last, as many as share a place, like a list in the order of use', () => {
  // All these digests have the same lowest bits, and so one place for eight of them.
  const digest = fc.integer({ min: 0, max: 11 }).map((n) => n * 2 ** 20)
  fc.assert(
    fc.property(fc.array(digest, { minLength: 30, maxLength: 60 }), (asked) => {
      const table = createDigestTable(1_024)
      let kept: number[] = []
      for (const one of asked) {
        expect(table.find(one) !== undefined).toBe(kept.includes(one))
        kept = [...kept.filter((other) => other !== one), one].slice(-8)
        if (table.find(one) === undefined) table.add(one)
      }
    }),
  )
})

it('gives each digest an index of its own that stays the same while it is there', () => {
  const table = createDigestTable(1_000)
  const indexes = Array.from({ length: 8 }, (_, n) => table.add(n * 2 ** 32))

  expect(table.size).toBe(1_024)
  expect(new Set(indexes).size).toBe(8)
  expect(indexes.map((_, n) => table.find(n * 2 ** 32))).toEqual(indexes)
})

it('has room for nearly as many random digests as its size', () => {
  const table = createDigestTable(65_536)
  let state = 1
  // Numerical Recipes' generator of 32-bit numbers.
  const digests = Array.from({ length: 30_000 }, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0))
  for (const digest of digests) table.add(digest)

  expect(digests.filter((digest) => table.find(digest) !== undefined).length).toBeGreaterThan(29_500)
})
