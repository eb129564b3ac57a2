/** Creates the id of a submission; it is pure: the clock and the randomness are parameters. */

const inHex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')

/**
 * Returns a UUID of version 7 in lower case (RFC 9562, 5.7). Later ids sort after earlier ones, which keeps the relay's
 * index short.
 *
 * @param now epoch milliseconds
 * @param bytes 16 random bytes, the first six of which are not used; they are overwritten
 */
export function uuidv7(now: number, bytes: Uint8Array): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  // Not `Array.from`: Prototype.js and MooTools put functions of their own in its place.
  let hex = ''
  for (const byte of bytes) hex += inHex(byte, 2)
  return (inHex(now, 12) + hex.slice(12)).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
