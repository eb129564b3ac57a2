/** Compares an origin with the list of a form. Pure. */

/** Returns whether a list has the origin, by itself or by a pattern such as `https://*.acme.example` for one label. */
export function isListed(origins: ReadonlySet<string>, origin: string): boolean {
  return origins.has(origin) || origins.has(origin.replace(/^(https?:\/\/)[^./:]+(?=\.)/, '$1*'))
}
