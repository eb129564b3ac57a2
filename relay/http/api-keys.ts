/**
 * Checks the bearer key (RFC 6750) of a request. Several keys are valid at once, so that a key can be replaced.
 *
 * Keys are compared by their SHA-256 digests, in a time that does not depend on the key.
 */

export interface ApiKeys {
  /**
   * Resolves with true if the request has one of the keys.
   *
   * @param authorization value of the `Authorization` header
   */
  admits(authorization: string | null): Promise<boolean>
}

/** Creates the check. Without keys it rejects every request. */
export function createApiKeys(keys: readonly string[]): ApiKeys {
  let digests: Uint8Array[] | undefined
  return {
    async admits(authorization) {
      digests ??= await Promise.all(keys.map(digestOf))
      const given = await bearerDigestOf(authorization)
      let admitted = false
      for (const digest of digests) admitted = equal(digest, given) || admitted
      return admitted
    },
  }
}

/** Returns the digest of the key in an `Authorization` header, or that of nothing. */
export function bearerDigestOf(authorization: string | null): Promise<Uint8Array> {
  return digestOf(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '')
}

/** Returns the SHA-256 of a text. */
export async function digestOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** Compares two digests in a time that depends on their length alone. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0)
  return difference === 0
}
