/** Warns of a proxy that is not configured: all visitors then seem to come from one network. */
import type { TrustedProxies } from '../../config/trusted-proxies.ts'
import type { Log } from '../../monitoring/events.ts'

/** Returns a function that is called with `X-Forwarded-For` of each post, and warns once. */
export function createProxyWarning(trustedProxies: TrustedProxies, log: Log): (forwardedFor: string | null) => void {
  let isDue = trustedProxies === 0
  return (forwardedFor) => {
    if (!isDue || forwardedFor === null) return
    isDue = false
    const reason =
      'is not set, but posts come with X-Forwarded-For: if a proxy writes it, name the proxy, because all visitors seem to come from it'
    log({ event: 'configuration-warning', place: 'FORM_SYNC_TRUSTED_PROXIES', reason })
  }
}
