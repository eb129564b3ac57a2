/** A short digest of a text for counters in memory, from which the text cannot be read. It is no proof of anything. Pure. */

/**
 * Returns a number of 53 bits for a text (cyrb53, two characters at once). Another seed gives other numbers, so that nobody can
 * choose texts whose numbers are equal.
 */
export function digestOf(text: string, seed: number): number {
  let [a, b] = [0xdeadbeef ^ seed, 0x41c6ce57 ^ seed]
  for (let at = 0; at < text.length; at += 2) {
    // Beyond the end of a text there is NaN, whose bits are none.
    const code = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}
