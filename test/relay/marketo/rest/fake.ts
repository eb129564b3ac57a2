/**
 * A strict Marketo for the REST transport: identity, Sync Leads, Submit Form, Associate, reads, as `fetch`. It accepts only what
 * Adobe's contract (swagger, authentication page) allows, and fails the test for anything else.
 */
import type { Verdict } from '../../../../relay/delivery/transport.ts'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { validateRest } from '../../../support/schema/marketo-rest.ts'
import { createRestTransport, type RestOptions } from '../../../../relay/marketo/rest/transport.ts'

const ENDPOINT = 'https://123-abc-456.mktorest.example'
export const HOST = '123-abc-456.mktorest.example'
/** The credentials, and all else that no reason, error or address may contain. */
export const CLIENT = { endpoint: ENDPOINT, clientId: 'canary-client-4711', clientSecret: 'canary-secret-0815' }
export const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'
export const CANARIES = [
  CLIENT.clientId,
  CLIENT.clientSecret,
  'canary-token',
  'canary value',
  'canary@',
  COOKIE,
  '54321',
]

const T = Date.parse('2026-11-23T09:30:00Z')

/** A lead of a form. Names are as the outbox stores them: SOAP names. */
export function leadOf(name: string, change: Partial<Lead> = {}): Lead {
  return {
    id: `5f0c2f64-6f7a-4a7e-9d5b-${name.padStart(12, '0')}` as Lead['id'],
    form: 'contact',
    person: `email:${name}@acme.example` as Lead['person'],
    email: `${name}@acme.example`,
    attributes: [{ name: 'FirstName', value: name }],
    acceptedAt: 0,
    notes: [],
    ...change,
  }
}

interface ApiCall {
  method: string
  url: URL
  headers: Headers
  text: string
}

/** A body of Sync Leads. */
interface Sync {
  action: string
  lookupField: string
  partitionName?: string
  input: Record<string, unknown>[]
}

type Reply = Response | Promise<Response>

export interface FakeOptions {
  /** Answers an identity request; the number is that of the request, from 1. */
  identity?: (request: number) => Reply
  /** Answers an API call; undefined to let the fake answer as Marketo does. */
  answer?: (call: ApiCall, number: number) => Reply | undefined
  /** Options of the transport. */
  options?: Partial<RestOptions>
  /** Creates the transport: that of the relay by default. */
  create?: typeof createRestTransport
}

export const json = (value: unknown, init?: ResponseInit) => Response.json(value, init)

/** Answers as identity does. */
export const token = (value: string, ...[seconds]: [seconds?: unknown]) =>
  json({ access_token: value, token_type: 'bearer', expires_in: seconds, scope: 'api@acme.example' })

export const success = (result?: unknown) => json({ requestId: 'a1b2#1', success: true, result })

/** Answers with `success: false`. */
export const failure = (code: unknown, message = 'canary value', init?: ResponseInit) =>
  json({ requestId: 'a1b2#1', success: false, errors: [{ code, message }] }, init)

/** One entry of a result that was skipped. */
export const skipped = (code: unknown, message = 'canary value') => ({
  status: 'skipped',
  reasons: [{ code, message }],
})

/** Creates a transport to a Marketo, and lists the requests that it gets. */
export function startMarketo({
  identity = () => token('canary-token:int', 3_599),
  answer,
  options,
  create = createRestTransport,
}: FakeOptions = {}) {
  const calls: ApiCall[] = []
  const identities: ApiCall[] = []
  const problems: string[] = []
  let at = T

  const fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const url = new URL(address)
    const call: ApiCall = {
      method: init.method ?? 'GET',
      url,
      headers: new Headers(init.headers),
      text: init.body === undefined || init.body === null ? '' : await new Response(init.body).text(),
    }
    if (init.redirect !== 'manual') problems.push('redirects are followed')
    if (address.slice('https://'.length).includes('//')) problems.push('a double slash in the path')
    if (/token=|access_token|secret/i.test(url.search.replace(/token%3A_mch/, '')))
      problems.push('a secret in the address')
    if (url.pathname === '/identity/oauth/token') {
      identities.push(call)
      checkIdentity(call, problems)
      return identity(identities.length)
    }
    calls.push(call)
    if (!/^Bearer \S+$/.test(call.headers.get('Authorization') ?? ''))
      return failure('600', 'Access token not specified')
    return (await answer?.(call, calls.length)) ?? respond(call, problems)
  }

  const transport = create({ ...CLIENT, timeout: 90_000, now: () => at, fetch, ...options })
  return {
    transport,
    /** The server itself, for a relay that runs. */
    fetch,
    calls,
    identities,
    /** What the requests did that Adobe's contract does not allow. */
    problems,
    /** Returns the tokens that the calls used. */
    tokens: () => calls.map(({ headers }) => headers.get('Authorization')?.replace('Bearer ', '')),
    bodies: () => calls.map(({ text }) => JSON.parse(text) as Sync),
    wait: (ms: number) => void (at += ms),
  }
}

function checkIdentity({ method, url, headers, text }: ApiCall, problems: string[]): void {
  const sent = new URLSearchParams(text)
  if (method !== 'POST' || url.search !== '') problems.push('identity: not by POST alone')
  if (headers.get('Content-Type') !== 'application/x-www-form-urlencoded') problems.push('identity: content type')
  if (sent.get('grant_type') !== 'client_credentials') problems.push('identity: grant type')
  if (sent.get('client_id') !== CLIENT.clientId) problems.push('identity: client id')
  if (sent.get('client_secret') !== CLIENT.clientSecret) problems.push('identity: client secret')
}

function respond(call: ApiCall, problems: string[]): Response {
  const { method, url, headers, text } = call
  if (method === 'POST' && headers.get('Content-Type') !== 'application/json')
    return failure('612', 'Invalid Content Type')
  if (method === 'GET' && url.pathname === '/rest/v1/stats/usage.json')
    return success([{ date: '2026-11-23', total: 1 }])
  if (method !== 'POST') return failure('605', 'HTTP Method not supported')
  if (/^\/rest\/v1\/leads\/[1-9][0-9]*\/associate\.json$/.test(url.pathname)) {
    const [...names] = url.searchParams.keys()
    if (names.join() !== 'cookie') problems.push(`associate: parameters ${names.join()}`)
    if (text !== '') problems.push('associate: a body')
    return url.searchParams.get('cookie') === COOKIE ? success() : failure('1012', `Invalid cookie value '${COOKIE}'`)
  }
  if (url.pathname === '/rest/v1/leads/submitForm.json') return submitForm(JSON.parse(text) as object, problems)
  if (url.pathname !== '/rest/v1/leads.json' || url.search !== '') return failure('610', 'Requested resource not found')
  return sync(JSON.parse(text) as Sync, problems)
}

function submitForm(body: object, problems: string[]): Response {
  problems.push(...validateRest('SubmitFormRequest', body).map((problem) => `submit: ${problem}`))
  if (JSON.stringify(body).includes('null')) problems.push('submit: null')
  return success([{ id: 700_001, status: 'updated' }])
}

function sync(body: Sync, problems: string[]): Response {
  const { lookupField, input } = body
  for (const key of Object.keys(body)) {
    if (!['action', 'lookupField', 'partitionName', 'input'].includes(key)) problems.push(`sync: ${key}`)
  }
  const keys = input.map((record) => JSON.stringify(record[lookupField] ?? '').toLowerCase())
  if (body.action !== 'createOrUpdate') problems.push(`sync: ${body.action}`)
  if (input.length < 1 || input.length > 300) problems.push(`sync: ${input.length} records`)
  if (new Set(keys).size < keys.length) problems.push('sync: one person twice')
  if (keys.includes('""')) problems.push('sync: a record without its lookup field')
  if (input.some((record) => 'id' in record)) problems.push('sync: a record with an id')
  return success(input.map((_, at) => ({ id: 700_001 + at, status: at % 2 === 0 ? 'created' : 'updated' })))
}

/** Delivers leads to a Marketo that answers their call so. */
export async function verdictsOn(answer: () => Reply, leads: readonly Lead[] = [leadOf('ana')]): Promise<Verdict[]> {
  return startMarketo({ answer }).transport.deliver(leads)
}
