/**
 * The network of a visitor, by which the outbox tells sources apart: an IPv4 address, or the first 64 bits of an IPv6
 * address, because a subscriber has all addresses that begin with them.
 */

/** Network of an address that cannot be read. All of them are one source. */
const UNKNOWN = 'unknown'

/**
 * Returns the network of an address: `192.0.2.1`, or `2001:db8:0:1` for `2001:db8:0:1::7`. An IPv4 address that is mapped
 * to IPv6 is that IPv4 address. A port, brackets and the zone of a link-local address are left out.
 */
export function networkOf(address: string): string {
  const text = address.trim()
  const host = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1')
  const isIPv6 = host.includes(':')
  const url = `http://${isIPv6 ? `[${host.replace(/%.*/, '')}]` : host}`
  // The URL parser reads shortened addresses, and refuses those that are not valid.
  if (!(isIPv6 || /^\d+(\.\d+){3}$/.test(host)) || !URL.canParse(url)) return UNKNOWN
  const { hostname } = new URL(url)
  if (!isIPv6) return hostname
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::')
  const [first, last] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]]
  const groups = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last]
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return groups.slice(0, 4).join(':')
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.')
}
