/**
 * Test client for the REST API of a simulator. Uses no code of the product, and checks every answer against Adobe's
 * contract.
 */
import { expect } from 'vitest'
import type { SimulatorOptions } from '../../../../demo/simulator/index.ts'
import { validateRest } from '../../../support/schema/marketo-rest.ts'
import { ACCOUNT, openSimulator } from '../simulator-client.ts'

export interface RestAnswer<Body = RestBody> {
  status: number
  headers: Headers
  /** The parsed answer, or its text if it is not JSON. */
  body: Body
}

interface RestBody {
  requestId: string
  success: boolean
  result?: { id?: number; status?: string; reasons?: { code: string; message: string }[]; [field: string]: unknown }[]
  errors?: { code: string; message: string }[]
  nextPageToken?: string
}

interface RestOptions {
  /** Sent as JSON, with its content type. */
  json?: unknown
  body?: string
  headers?: Record<string, string>
  /** Token to send; null for none. */
  token?: string | null
  /** Name of the answer's definition in Adobe's contract. */
  as?: string
}

export type RestClient = ReturnType<typeof openRest>

export function openRest(options: Partial<SimulatorOptions> = {}) {
  const simulator = openSimulator(options)

  async function identity(parameters: Record<string, string> = {}, init: RequestInit = {}) {
    const query = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: ACCOUNT.clientId,
      client_secret: ACCOUNT.clientSecret,
      ...parameters,
    })
    return simulator.app.request(`/identity/oauth/token?${query}`, init)
  }

  async function token(): Promise<string> {
    return ((await (await identity()).json()) as { access_token: string }).access_token
  }

  async function send(method: string, path: string, { json, body, headers, token: given, as }: RestOptions = {}) {
    const bearer = given === undefined ? await token() : given
    const response = await simulator.app.request(path, {
      method,
      body: json === undefined ? (body ?? null) : JSON.stringify(json),
      headers: {
        ...(bearer !== null && { Authorization: `Bearer ${bearer}` }),
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
    })
    const text = await response.text()
    const parsed = response.headers.get('content-type')?.startsWith('application/json') ? readJson(text) : text
    if (as !== undefined) expect({ [text]: validateRest(as, parsed) }).toEqual({ [text]: [] })
    return { status: response.status, headers: response.headers, body: parsed as RestBody }
  }

  return {
    ...simulator,
    identity,
    token,
    send,
    syncLeads: (input: unknown, more: object = {}, options: RestOptions = {}): Promise<RestAnswer> =>
      send('POST', '/rest/v1/leads.json', { json: { input, ...more }, as: 'ResponseOfLead', ...options }),
    /** Submits the form 1029 with an entry, or with its fields alone. */
    submit: (entry: object, more: object = {}, options: RestOptions = {}): Promise<RestAnswer> =>
      send('POST', '/rest/v1/leads/submitForm.json', {
        json: { formId: 1029, input: ['leadFormFields' in entry ? entry : { leadFormFields: entry }], ...more },
        as: 'ResponseOfSubmitForm',
        ...options,
      }),
    read: (path: string, as?: string): Promise<RestAnswer> => send('GET', path, as === undefined ? {} : { as }),
    associate: (id: number, cookie: string, options: RestOptions = {}): Promise<RestAnswer> =>
      send('POST', `/rest/v1/leads/${id}/associate.json?cookie=${encodeURIComponent(cookie)}`, {
        headers: { 'Content-Type': 'application/json' },
        as: 'ResponseWithoutResult',
        ...options,
      }),
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A broken answer is compared as text.
    return text
  }
}
