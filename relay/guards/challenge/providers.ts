/**
 * The services that check the answer to a challenge, one row each, and one call that asks them: all three have the interface
 * of reCAPTCHA's siteverify. The address of the visitor is not sent.
 *
 * Sources: developers.cloudflare.com/turnstile/get-started/server-side-validation, docs.hcaptcha.com, and
 * developers.google.com/recaptcha/docs/verify.
 */
import type { Challenge } from '../../intake/challenge-fields.ts'
import { withTimeout } from '../../marketo/with-timeout.ts'

export type Provider = Exclude<Challenge, 'altcha'>

/** URL that checks the answers of each provider. */
export const VERIFY_URLS: Readonly<Record<Provider, string>> = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
}

/** What a provider says of an answer. */
export type Judgement =
  /** `hostname` is that of the page, `at` the time at which the challenge was solved, in epoch ms. */
  | { kind: 'passed'; hostname: string; at: number; score?: number }
  | { kind: 'failed'; reason: string }
  /** Nothing is known about the visitor: the provider was not reached, or refuses the relay itself. */
  | { kind: 'unknown'; reason: string }

export interface ProviderCall {
  url: string
  secret: string
  /** The answer to the challenge, as the page has posted it. */
  token: string
  fetch: (url: string, init: RequestInit) => Promise<Response>
}

/** Time limit of a call, in ms. The visitor waits for it. */
const TIMEOUT_MS = 3_000

/** Codes with which a provider says that the visitor's answer is not valid. All other codes are about the relay's request. */
const CODES_OF_VISITORS = new Set([
  'missing-input-response',
  'invalid-input-response',
  'timeout-or-duplicate',
  'expired-input-response',
  'already-seen-response',
  'invalid-or-already-seen-response',
  'browser-error',
])

/** Asks a provider. Never rejects. */
export async function askProvider({ url, secret, token, fetch }: ProviderCall): Promise<Judgement> {
  const body = new URLSearchParams({ secret, response: token })
  try {
    return await withTimeout<Judgement>(
      { timeout: TIMEOUT_MS },
      async (signal) => {
        const response = await fetch(url, { method: 'POST', body, redirect: 'manual', signal })
        return judge(response.status, await readObject(response))
      },
      () => unknown(`no reply within ${TIMEOUT_MS / 1_000} seconds`),
    )
  } catch {
    return unknown('it cannot be reached')
  }
}

async function readObject(response: Response): Promise<Record<string, unknown> | undefined> {
  const body: unknown = await response.json().catch(() => undefined)
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined
}

function judge(status: number, body: Record<string, unknown> | undefined): Judgement {
  if (typeof body?.success !== 'boolean') return unknown(`a reply with the status ${status} that is none of a check`)
  if (!body.success) return judgeCodes(status, body['error-codes'])
  const { hostname, challenge_ts: at, score } = body
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN
  if (typeof hostname !== 'string' || Number.isNaN(time)) return unknown('a reply without hostname and time')
  return { kind: 'passed', hostname, at: time, ...(typeof score === 'number' && { score }) }
}

/** A code that is not known may be about the relay: no visitor is blamed for it. */
function judgeCodes(status: number, codes: unknown): Judgement {
  const list = Array.isArray(codes) ? (codes as unknown[]).filter((code) => typeof code === 'string') : []
  const shown = list.map((code) => code.replace(/[^\w-]/g, '').slice(0, 64)).join(', ')
  if (list.length > 0 && list.every((code) => CODES_OF_VISITORS.has(code))) return { kind: 'failed', reason: shown }
  return unknown(shown === '' ? `a refusal without a code, and the status ${status}` : shown)
}

function unknown(reason: string): Judgement {
  return { kind: 'unknown', reason }
}
