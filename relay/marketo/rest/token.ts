/**
 * The access token of one client id: fetched once for all calls that wait, and renewed shortly before its end.
 * It is kept in memory alone. Neither token nor secret is part of an address, a reason or an error.
 */
import { BLOCKED, EXPIRED, type FailureClass } from '../failure-class.ts'
import { classifyHttpFailure, explainHttpFailure, type HttpFailure } from '../http-failure.ts'
import { withTimeout } from '../with-timeout.ts'
import { exchange, type Answer, type Fetch, type Json } from './exchange.ts'

/** Credentials of a custom service, under Admin > Integration > LaunchPoint. */
export interface Client {
  /** URL of the tenant without a path of the API: `https://123-ABC-456.mktorest.com`. */
  endpoint: string
  clientId: string
  clientSecret: string
}

/** Why there is no token. A call that fails so was not sent. */
export interface TokenFailure {
  kind: 'no-token'
  failureClass: FailureClass
  reason: string
}

type TokenResult = { kind: 'token'; token: string } | TokenFailure

export interface Tokens {
  /** Returns a token that is valid as far as is known. */
  get(): Promise<TokenResult>
  /** Returns another token than one that Marketo has rejected. Fails if Marketo gives out the same one again. */
  renew(rejected: string): Promise<TokenResult>
}

/** Time before its end from which a token is no longer used, in ms. An earlier renewal would return the same token. */
const MARGIN_MS = 2_000

/** Maximum time to wait for a token, in ms. It is not the caller's: several calls may wait for one fetch. */
const TOKEN_TIMEOUT_MS = 30_000

const UNAUTHORIZED = 401

/** Creates the token source of a client. Fetches nothing before the first call. */
export function createTokens({ endpoint, clientId, clientSecret }: Client, fetch: Fetch, now: () => number): Tokens {
  const { host } = new URL(endpoint)
  let cached: { token: string; endsAt: number } | undefined
  let fetching: Promise<TokenResult> | undefined

  async function request(): Promise<TokenResult> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    })
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' }
    const answer = await withTimeout<Answer>(
      { timeout: TOKEN_TIMEOUT_MS },
      (signal) => exchange(fetch, `${endpoint}/identity/oauth/token`, { method: 'POST', headers, body, signal }),
      () => ({ kind: 'late', timeout: TOKEN_TIMEOUT_MS }),
    )
    const token = answer.kind === 'json' && answer.ok ? tokenIn(answer.value) : undefined
    if (token === undefined || answer.kind !== 'json') return toFailure(answer, host)
    // A token without a remaining time serves the calls that wait for it, and no others.
    cached = { token, endsAt: now() + 1_000 * secondsIn(answer.value.expires_in) - MARGIN_MS }
    return { kind: 'token', token }
  }

  function get(): Promise<TokenResult> {
    if (cached && now() < cached.endsAt) return Promise.resolve({ kind: 'token', token: cached.token })
    fetching ??= request().finally(() => (fetching = undefined))
    return fetching
  }

  return {
    get,
    async renew(rejected) {
      // A late answer to an older call must not drop the token that came after it.
      if (cached?.token === rejected) cached = undefined
      const result = await get()
      if (result.kind !== 'token' || result.token !== rejected) return result
      const reason = `${host} gives out the access token again that it has rejected`
      return { kind: 'no-token', failureClass: EXPIRED, reason }
    },
  }
}

function tokenIn({ access_token: token, error }: Json): string | undefined {
  return typeof token === 'string' && token !== '' && error === undefined ? token : undefined
}

/** Returns a number of seconds that may be text; 0 if it is neither. */
function secondsIn(value: unknown): number {
  const seconds = typeof value === 'number' || typeof value === 'string' ? Number(value) : 0
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0
}

/** Failure that has nothing to do with any lead: no call was sent. */
const OUTAGE: FailureClass = { kind: 'failed', fault: 'account', arrived: 'no' }

function toFailure(answer: Answer, host: string): TokenFailure {
  if (isClientRefused(answer)) {
    const reason = `${host} refuses the client (check MARKETO_CLIENT_ID and MARKETO_CLIENT_SECRET)`
    return { kind: 'no-token', failureClass: BLOCKED, reason }
  }
  const failure: HttpFailure =
    answer.kind === 'json' ? { kind: 'unreadable', status: answer.status, cause: 'not an access token' } : answer
  const reason = `no access token: ${explainHttpFailure(failure, host, 'REST')}`
  return { kind: 'no-token', failureClass: withoutLead(failure), reason }
}

/** Returns whether the identity service itself has refused the client. A page, whatever its status, is a gateway's. */
function isClientRefused(answer: Answer): boolean {
  if (answer.kind === 'unreadable') return answer.status === UNAUTHORIZED && answer.cause !== 'an HTML page'
  return answer.kind === 'json' && (answer.status === UNAUTHORIZED || ('error' in answer.value && answer.status < 500))
}

/** Returns what a failure means while no lead was sent: a lead is never its cause. */
function withoutLead(failure: HttpFailure): FailureClass {
  const failureClass = classifyHttpFailure(failure)
  if (failureClass.kind === 'limited') return failureClass
  if (failure.kind === 'unreadable' && failure.status === UNAUTHORIZED) return OUTAGE
  if (failureClass.kind === 'blocked') return BLOCKED
  const waitMs = failure.kind === 'unreadable' ? failure.after : undefined
  return { ...OUTAGE, ...(waitMs !== undefined && { waitMs }) }
}
