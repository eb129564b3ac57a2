/** Reads the endpoint of a Marketo account. Pure; it opens no connection. */

/**
 * Returns the endpoint of the REST API, or its path, without the path of an API. Marketo shows it with `/rest`, and that of
 * its identity service with `/identity`. Example: `https://123-ABC-456.mktorest.com` for
 * `https://123-ABC-456.mktorest.com/rest/`.
 */
export function withoutApiPath(endpoint: string): string {
  return endpoint.replace(/\/+$/, '').replace(/\/(?:rest(?:\/v1)?|identity)$/, '')
}

/**
 * Returns the Munchkin id with which the host name of a tenant starts, in capital letters; undefined without one. Example:
 * `123-ABC-456` for `https://123-abc-456.mktorest.com`.
 */
export function munchkinIdOf(endpoint: string): string | undefined {
  return /^https?:\/\/(\d{3}-[a-z]{3}-\d{3})\./i.exec(endpoint)?.[1]?.toUpperCase()
}
