/** The network address of a visitor on Node: the peer of the connection, or what trusted proxies say. */
import { isIPv4 } from 'node:net'
import proxyAddr from '@fastify/proxy-addr'
import ipaddr from 'ipaddr.js'
import type { TrustedProxies } from '../../config/trusted-proxies.ts'

/** Returns whether an address is that of a trusted proxy. `hops` is the number of proxies that stand between it and the relay. */
export type Trust = (address: string, hops: number) => boolean

/** Returns the trust in a number of proxies, whatever their addresses, or in those of certain networks. */
export function trustIn(proxies: TrustedProxies): Trust {
  return typeof proxies === 'number' ? (_, hops) => hops < proxies : proxyAddr.compile([...proxies])
}

/**
 * Returns the address of the visitor behind trusted proxies: each of them appends the address that called it to
 * `X-Forwarded-For`, so that the last entries are theirs. The visitor is the last one who is not a trusted proxy. What
 * stands before that may be made up. A port, brackets and the zone of a link-local address are left out, and an IPv4
 * address that is mapped to IPv6 is that IPv4 address.
 *
 * @param peer address that the request came from
 * @param forwardedFor value of the header `X-Forwarded-For`
 */
export function addressBehind(
  peer: string | undefined,
  forwardedFor: string | null,
  isTrusted: Trust,
): string | undefined {
  if (peer === undefined) return undefined
  let address = normalise(peer)
  if (forwardedFor === null || !isTrusted(address, 0)) return address
  const entries = forwardedFor.split(',').filter((entry) => entry.trim())
  for (const [hops, entry] of entries.toReversed().entries()) {
    address = normalise(entry)
    if (!isTrusted(address, hops + 1)) break
  }
  return address
}

/** Returns an address in one spelling, without what may stand around it. A text that is no address stays. */
function normalise(entry: string): string {
  const text = entry.trim()
  if (isIPv4(text)) return text
  const bare = text.replace(/^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/, '$1$2').replace(/%.*/, '')
  return bare.includes(':') && ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : bare
}
