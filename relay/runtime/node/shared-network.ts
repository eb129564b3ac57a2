/** Tells networks that say nothing of who sends: those of a proxy that is not configured, or of the own house. */
import { BlockList, isIP } from 'node:net'

/** Ranges that are not reached from the internet. A connection from one of them comes from a proxy, or from inside. */
const INTERNAL = new BlockList()
for (const [network, prefix] of [
  // This host, and private networks (RFC 1918).
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  // Loopback, link-local (RFC 3927) and the networks between a provider and its subscribers (RFC 6598).
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  INTERNAL.addSubnet(network, prefix, 'ipv4')
}
// The network of the unspecified address and of the loopback address is written as the former. A subnet of it would have all
// IPv4 addresses. Then unique local (RFC 4193) and link-local addresses.
INTERNAL.addAddress('::', 'ipv6')
INTERNAL.addSubnet('fc00::', 7, 'ipv6')
INTERNAL.addSubnet('fe80::', 10, 'ipv6')

/** Returns whether any number of visitors may share a network, as `networkOf` returns it. */
export function isSharedNetwork(network: string): boolean {
  const address = network.includes(':') ? `${network}::` : network
  const version = isIP(address)
  return version === 0 || INTERNAL.check(address, version === 4 ? 'ipv4' : 'ipv6')
}
