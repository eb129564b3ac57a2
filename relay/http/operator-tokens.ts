/**
 * Tells by the bearer token (RFC 6750) of a request which operator has sent it.
 *
 * Tokens are compared by their SHA-256 digests, with all of them each time, so that the time of a reply does not depend on the
 * token.
 */
import type { Operator, Role } from '../config/operators.ts'
import { fromHex } from '../hex.ts'
import { bearerDigestOf, digestOf, equal, type ApiKeys } from './api-keys.ts'

/** Wrong tokens that a network may send in an hour before its requests are refused: a person who has mistyped one sends fewer. */
export const MAX_WRONG_TOKENS = 20

/** An operator as a request tells them. */
export interface KnownOperator {
  /** Absent for the token that has no name. */
  name?: string
  role: Role
}

export interface OperatorTokens extends ApiKeys {
  /**
   * Resolves with the operator whose token the request has; undefined when it has none.
   *
   * @param authorization value of the `Authorization` header
   */
  identify(authorization: string | null): Promise<KnownOperator | undefined>
}

/**
 * Creates the check. Without tokens it rejects every request.
 *
 * @param options.token token without a name, whose holder may act
 */
export function createOperatorTokens({
  token,
  operators = [],
}: {
  token?: string | undefined
  operators?: readonly Operator[]
}): OperatorTokens {
  let known: { digest: Uint8Array; operator: KnownOperator }[] | undefined
  const read = () =>
    Promise.all([
      ...(token === undefined ? [] : [digestOf(token).then((digest) => ({ digest, operator: NAMELESS }))]),
      ...operators.map(async ({ name, role, ...secret }) => ({
        digest: secret.digest === undefined ? await digestOf(secret.token ?? '') : fromHex(secret.digest),
        operator: { name, role },
      })),
    ])
  async function identify(authorization: string | null): Promise<KnownOperator | undefined> {
    known ??= await read()
    const given = await bearerDigestOf(authorization)
    let found: KnownOperator | undefined
    for (const { digest, operator } of known) if (equal(digest, given)) found ??= operator
    return found
  }
  return { identify, admits: async (authorization) => (await identify(authorization)) !== undefined }
}

const NAMELESS: KnownOperator = { role: 'act' }
