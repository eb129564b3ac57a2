/**
 * The proof of work: a task that a browser solves in about a second while the visitor types, and that a program with
 * thousands of posts has to solve as often. The library creates and verifies it; the browser's part is `widget/challenge/`.
 *
 * Creating one costs a hash alone, so that asking for them loads no relay. Only a signed one is computed again.
 */
import { createChallenge, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'
import type { Challenge as AltchaChallenge, Payload } from 'altcha-lib/types'

export interface AltchaOptions {
  /** Secrets, of which the first one signs. A challenge is valid by any of them. */
  keys: readonly string[]
  /** Returns epoch milliseconds. */
  now: () => number
}

type AltchaCheck = { ok: true; nonce: string } | { ok: false; reason: string }

export interface Altcha {
  /** @param origin that of the page which asks */
  create(form: string, origin: string): Promise<AltchaChallenge>
  /**
   * @param answer the challenge with its solution, as JSON in base64
   * @param isFree returns whether the challenge with the nonce may be used; asked before the work is computed
   */
  check(
    answer: string,
    form: string,
    origin: string | undefined,
    isFree: (nonce: string) => boolean,
  ): Promise<AltchaCheck>
}

/** Time for which a challenge is valid, in ms. */
export const CHALLENGE_MS = 3_600_000

/** A browser tries 256 keys on average, of which each takes one or two milliseconds on a computer of today. */
const WORK = { algorithm: 'PBKDF2/SHA-256', cost: 5_000, keyPrefix: '00' }

/** Creates the challenges of all forms. */
export function createAltcha({ keys, now }: AltchaOptions): Altcha {
  // Another use of the same key must not sign a text that counts here.
  const secrets = keys.map((key) => `challenge ${key}`)
  return {
    create: (form, origin) =>
      createChallenge({ ...WORK, deriveKey, data: { form, origin, at: now() }, hmacSignatureSecret: secrets[0]! }),

    async check(answer, form, origin, isFree) {
      const payload = parse(answer)
      const data = payload?.challenge.parameters.data
      if (!payload || !data) return failed('its answer is broken')
      if (data.form !== form || data.origin !== origin) {
        return failed('its answer is not for this form and the origin of this page')
      }
      const age = now() - Number(data.at)
      if (!(age <= CHALLENGE_MS)) return failed('it is older than an hour')
      const { challenge, solution } = payload
      const { nonce } = challenge.parameters
      if (!isFree(nonce)) return failed('its answer was used for another lead')
      for (const hmacSignatureSecret of secrets) {
        // It throws for some values of another type. What is not understood must not pass.
        const checked = await verifySolution({ challenge, solution, deriveKey, hmacSignatureSecret }).catch(
          () => undefined,
        )
        if (!checked) return failed('its answer is broken')
        if (checked.verified) return { ok: true, nonce }
        if (!checked.invalidSignature) return failed('its answer is wrong')
      }
      return failed('it was not signed by this relay')
    },
  }
}

function failed(reason: string): AltchaCheck {
  return { ok: false, reason }
}

/** Reads an answer as far as it has the parts that are used before its signature is checked. */
function parse(answer: string): Payload | undefined {
  try {
    const { challenge, solution } = JSON.parse(atob(answer)) as Partial<Payload>
    if (typeof challenge?.parameters?.nonce !== 'string' || typeof solution !== 'object') return undefined
    return { challenge, solution }
  } catch {
    return undefined
  }
}
