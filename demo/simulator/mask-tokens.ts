/** Masks the secrets of the REST API in a text that is recorded: client secret and access token. Knows no call. */

const SECRET = /("(?:access_token|client_secret)"\s*:\s*"|\b(?:access_token|client_secret)=|\bBearer\s+)[^\s"&]+/gi

export function maskTokens(text: string): string {
  return text.replaceAll(SECRET, '$1********')
}
