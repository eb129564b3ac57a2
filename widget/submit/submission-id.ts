/** Creates the id of a submission; it is pure: the clock and the randomness are parameters. */

/**
 * Returns a UUID of version 7 in lower case (RFC 9562, 5.7). Later ids sort after earlier ones, which keeps the relay's
 * index short.
 *
 * @param now epoch milliseconds
 * @param bytes 16 random bytes; they are overwritten
 */
export function uuidv7(now: number, bytes: Uint8Array): string {
  // A Uint8Array keeps the lowest 8 bits of each value that is assigned to it.
  for (let at = 0; at < 6; at++) bytes[at] = now / 2 ** (40 - 8 * at)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  // Not `Array.from`: Prototype.js and MooTools put functions of their own in its place.
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
