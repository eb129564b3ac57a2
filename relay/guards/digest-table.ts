/**
 * A set of digests in memory whose size never changes, so that it costs the same with one digest as with all. It holds numbers
 * alone, from which nothing can be read.
 *
 * The place of a digest is found by its lowest bits, and eight digests share it. When it is full, the one is forgotten that was
 * asked for longest ago.
 */

export interface DigestTable {
  /** Number of digests that fit in. */
  size: number
  /** Returns the index of a digest, from 0 to `size` - 1; undefined if it is not there. */
  find(digest: number): number | undefined
  /** Adds a digest that is not there, and returns its index, which was perhaps that of another one. */
  add(digest: number): number
}

/** Number of digests that share a place: as many as one line of a processor's cache holds. */
const WAYS = 8

/** Stands for no digest. A digest of 53 bits is not negative. */
const NONE = -1

/** @param minSize number of digests that must fit in; the size is the next power of two */
export function createDigestTable(minSize: number): DigestTable {
  const size = 2 ** Math.ceil(Math.log2(minSize))
  const ways = Math.min(WAYS, size)
  const digests = new Float64Array(size).fill(NONE)
  const askedAt = new Float64Array(size)
  let asked = 0
  const firstOf = (digest: number) => (digest >>> 0) & (size - ways)

  return {
    size,
    find(digest) {
      const first = firstOf(digest)
      for (let at = first; at < first + ways; at += 1) {
        if (digests[at] !== digest) continue
        askedAt[at] = asked += 1
        return at
      }
      return undefined
    },
    add(digest) {
      const first = firstOf(digest)
      let oldest = first
      for (let at = first; at < first + ways; at += 1) if (askedAt[at]! < askedAt[oldest]!) oldest = at
      digests[oldest] = digest
      askedAt[oldest] = asked += 1
      return oldest
    },
  }
}
