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

/** Maximum number of networks whose answer is remembered, because each post asks twice. A text that is no address may be longer. */
const MAX_REMEMBERED = 2_000
const MAX_ADDRESS_LENGTH = 45

const remembered = new Map<string, boolean>()

/** Returns whether any number of visitors may share a network, as `networkOf` returns it. */
export function isSharedNetwork(network: string): boolean {
  const known = remembered.get(network)
  if (known !== undefined) return known
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  const isShared = isInternal(network)
  if (network.length <= MAX_ADDRESS_LENGTH) remembered.set(network, isShared)
  return isShared
}

function isInternal(network: string): boolean {
  const address = network.includes(':') ? `${network}::` : network
  return !ipaddr.isValid(address) || INTERNAL.has(ipaddr.process(address).range())
}
