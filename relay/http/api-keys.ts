/**
 * Is this a server that may call? Bearer keys (RFC 6750), several at once so that one can follow another.
 *
 * Keys are compared by their digests and to the last byte of the last one: how long it takes says nothing about a key.
 */

export interface ApiKeys {
  /** @param authorization the request's `Authorization` header */
  admits(authorization: string | null): Promise<boolean>
}

/** Makes the guard. With no key it admits nobody. */
export function createApiKeys(keys: readonly string[]): ApiKeys {
  let digests: Uint8Array[] | undefined
  return {
    async admits(authorization) {
      digests ??= await Promise.all(keys.map(digestOf))
      const given = await digestOf(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '')
      let admitted = false
      for (const digest of digests) admitted = equal(digest, given) || admitted
      return admitted
    },
  }
}

async function digestOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0)
  return difference === 0
}
