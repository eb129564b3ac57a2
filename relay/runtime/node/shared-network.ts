/** Tells networks that say nothing of who sends: those of a proxy that is not configured, or of the own house. */
import { isIP } from 'node:net'

/**
 * Networks that are not reached from the internet. A connection from one of them comes from a proxy, or from inside. These are
 * this host, loopback, private networks (RFC 1918), link-local ones (RFC 3927), and those between a provider and its
 * subscribers (RFC 6598).
 */
const INTERNAL_IPV4 =
  /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./

/** The same for IPv6: the network of the loopback address, unique local ones (RFC 4193), and link-local ones (RFC 4291). */
const INTERNAL_IPV6 = /^(?:0:0:0:0$|f[cd][\da-f]{2}:|fe[89ab][\da-f]:)/

/** Returns whether any number of visitors may share a network, as `networkOf` returns it. */
export function isSharedNetwork(network: string): boolean {
  const isIPv6 = network.includes(':')
  if (isIP(isIPv6 ? `${network}::` : network) === 0) return true
  return (isIPv6 ? INTERNAL_IPV6 : INTERNAL_IPV4).test(network)
}
