/**
 * Masks signatures and tokens in shown text. Pure. The server masks signatures too; this is a second line of defence,
 * because the page is shown to others.
 */

const MASK = '••••••••'

/** An HMAC-SHA1 in hex. */
const SIGNATURE = /\b[0-9a-f]{40}\b/gi
/** A token or secret in a header, a JSON field or a query parameter. */
const TOKEN = /(\bBearer\s+|"(?:access_token|client_secret)"\s*:\s*"|\b(?:access_token|client_secret)=)[^\s"&]+/gi

export function maskSecrets(source: string): string {
  return source.replaceAll(SIGNATURE, MASK).replaceAll(TOKEN, (_, before: string) => before + MASK)
}
