/** Compares the host that a provider has seen with the origins of a form. Pure. */

/** Returns whether a page of one of the origins has the host. In `https://*.acme.example` the star stands for one label. */
export function isHostOf(origins: ReadonlySet<string>, hostname: string): boolean {
  const host = hostname.toLowerCase()
  const parent = host.replace(/^[^.]+/, '*')
  for (const origin of origins) {
    const own = origin.replace(/^https?:\/\//, '').replace(/:\d+$/, '')
    if (own === host || own === parent) return true
  }
  return false
}
