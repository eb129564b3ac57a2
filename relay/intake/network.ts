/**
 * The network of a visitor, by which the outbox tells sources apart: an IPv4 address, or the first 64 bits of an IPv6
 * address, because a subscriber has all addresses that begin with them.
 */

/**
 * Returns the network of an address: `192.0.2.1`, or `2001:db8:0:1` for `2001:db8:0:1::7`. An IPv4 address that is mapped
 * to IPv6 is that IPv4 address. A text that is no IPv6 address is returned as it is.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const url = `http://[${address}]`
  if (!URL.canParse(url)) return address
  // The URL parser writes each address in one way (RFC 5952).
  const text = new URL(url).hostname.slice(1, -1)
  const [, ...mapped] = /^::ffff:(\w+):(\w+)$/.exec(text) ?? []
  if (mapped.length > 0) return mapped.map(dotted).join('.')
  const missing = 9 - text.split(':').length + Number(/^:|:$/.test(text))
  return text
    .replace('::', `:${'0:'.repeat(missing)}`)
    .split(':')
    .filter(Boolean)
    .slice(0, 4)
    .join(':')
}

/** Returns two bytes of an IPv4 address, which are in hexadecimal, as decimal numbers. */
function dotted(group: string): string {
  const pair = Number.parseInt(group, 16)
  return `${pair >> 8}.${pair & 255}`
}
