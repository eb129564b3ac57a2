/** Tells networks that say nothing of who sends: those of a proxy that is not configured, or of the own house. */
import ipaddr from 'ipaddr.js'

/** Ranges that are not reached from the internet. A connection from one of them comes from a proxy, or from inside. */
const INTERNAL: ReadonlySet<string> = new Set([
  'private',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
  'unspecified',
])

/** Returns whether any number of visitors may share a network, as `networkOf` returns it. */
export function isSharedNetwork(network: string): boolean {
  const address = network.includes(':') ? `${network}::` : network
  return !ipaddr.isValid(address) || INTERNAL.has(ipaddr.process(address).range())
}
