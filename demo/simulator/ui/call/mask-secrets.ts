/**
 * Takes secrets out of what is shown. The simulator masks them before they leave it; a second look costs nothing, and
 * this page gets shown around. Pure.
 */

const MASK = '••••••••'

/** An HMAC-SHA1 in hex, wherever it stands. */
const SIGNATURE = /\b[0-9a-f]{40}\b/gi
/** What a header, a JSON field or a query parameter of that name holds. */
const TOKEN = /(\bBearer\s+|"(?:access_token|client_secret)"\s*:\s*"|\b(?:access_token|client_secret)=)[^\s"&]+/gi

export function maskSecrets(source: string): string {
  return source.replaceAll(SIGNATURE, MASK).replaceAll(TOKEN, (_, before: string) => before + MASK)
}
