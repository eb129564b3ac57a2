/** The network address of a visitor on Node: the peer of the connection, or what trusted proxies say. */

/**
 * Returns the address of the visitor behind trusted proxies: each of them appends the address that called it to
 * `X-Forwarded-For`, so that the last entries are theirs. What stands before them may be made up. A port, brackets and the
 * zone of a link-local address are left out.
 *
 * @param peer address that the request came from
 * @param forwardedFor value of the header `X-Forwarded-For`
 * @param proxies number of trusted proxies
 */
export function addressBehind(
  peer: string | undefined,
  forwardedFor: string | null,
  proxies: number,
): string | undefined {
  const entries = [...(forwardedFor ?? '').split(',').filter((entry) => entry.trim()), peer]
  const entry = entries.at(Math.max(-1 - proxies, -entries.length))?.trim()
  return entry?.replace(/^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/, '$1$2').replace(/%.*/, '')
}
