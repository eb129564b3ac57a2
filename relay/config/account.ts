/**
 * Reads the Marketo account from the environment: the credentials of SOAP or of REST. No message contains the value of a
 * secret. Pure.
 */
import { withoutApiPath } from '../marketo/endpoint.ts'
import type { AddIssue } from './forms.ts'
import { HAS_REST, HAS_SOAP } from './transports.ts'

export type Environment = Readonly<Record<string, unknown>>

/** Account with its transport and the credentials for it. */
export type Account = SoapAccount | RestAccount

export interface SoapAccount {
  transport?: 'soap'
  endpoint: string
  userId: string
  secretKey: string
  /** Second key during a key rotation: when Marketo rejects one key, the other is tried. */
  nextSecretKey?: string
}

export interface RestAccount {
  transport: 'rest'
  /** URL of the tenant without a path of the API: `https://123-ABC-456.mktorest.com`. */
  endpoint: string
  clientId: string
  clientSecret: string
  /** Text before the cookie in a call of Associate Lead. */
  cookiePrefix?: '_mkto_trk='
}

const VARIABLES = {
  soap: ['MARKETO_SOAP_ENDPOINT', 'MARKETO_USER_ID', 'MARKETO_SECRET_KEY'],
  rest: ['MARKETO_REST_ENDPOINT', 'MARKETO_CLIENT_ID', 'MARKETO_CLIENT_SECRET'],
} as const
const ENDPOINTS = {
  soap: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
  rest: 'https://123-ABC-456.mktorest.com/rest',
} as const

type TransportName = 'soap' | 'rest'

/** Returns the account as one text, which changes with any part of it. It contains the keys: it is not for a log. */
export function credentialsOf(account: Account): string {
  return JSON.stringify(
    account.transport === 'rest'
      ? ['rest', account.endpoint, account.clientId, account.clientSecret]
      : [account.endpoint, account.userId, account.secretKey, account.nextSecretKey],
  )
}

/**
 * Reads the Marketo account. Returns undefined, after reporting each problem, if it is not complete. A Durable Object
 * reads only this and the limits.
 */
export function readAccount(env: Environment, addIssue: AddIssue): Account | undefined {
  const transport = readTransport(env, addIssue)
  if (transport === undefined) return undefined
  return transport === 'soap' ? readSoapAccount(env, addIssue) : readRestAccount(env, addIssue)
}

/**
 * Returns the transport whose variables are set; undefined, after reporting why, if that is none or both, or if this build
 * does not have it.
 */
export function readTransport(env: Environment, addIssue: AddIssue): TransportName | undefined {
  const transport = chooseTransport(env, addIssue)
  if (transport === undefined || (transport === 'rest' ? HAS_REST : HAS_SOAP)) return transport
  const [built, label] = transport === 'rest' ? (['soap', 'SOAP'] as const) : (['rest', 'REST'] as const)
  addIssue(
    VARIABLES[transport].join(', '),
    `cannot be used: this Worker was built for ${label} alone; build it without MARKETO_TRANSPORT=${built}`,
  )
  return undefined
}

function chooseTransport(env: Environment, addIssue: AddIssue): TransportName | undefined {
  const isSet = (name: TransportName) => VARIABLES[name].some((variable) => text(env[variable]))
  const chosen = text(env.MARKETO_TRANSPORT)
  if (chosen !== undefined && chosen !== 'soap' && chosen !== 'rest') {
    addIssue('MARKETO_TRANSPORT', 'must be rest or soap')
    return undefined
  }
  if (chosen !== undefined && isSet(chosen)) return chosen
  if (chosen !== undefined) {
    addIssue(VARIABLES[chosen].join(', '), `are not set, but MARKETO_TRANSPORT is ${chosen}`)
    return undefined
  }
  if (isSet('soap') && isSet('rest')) {
    addIssue('MARKETO_TRANSPORT', 'must be rest or soap, because the variables of both are set')
    return undefined
  }
  if (isSet('soap')) return 'soap'
  if (isSet('rest')) return 'rest'
  const soap = `${VARIABLES.soap.join(', ')} for a system that still accepts SOAP`
  addIssue(VARIABLES.rest.join(', '), `are not set; all three are required, or ${soap}`)
  return undefined
}

function readSoapAccount(env: Environment, addIssue: AddIssue): SoapAccount | undefined {
  const [endpoint, userId, secretKey] = readVariables(env, 'soap', addIssue)
  const isValid = endpoint !== undefined && parseEndpoint(endpoint, 'soap', addIssue) !== undefined
  if (!isValid || !userId || !secretKey) return undefined
  const nextSecretKey = text(env.MARKETO_NEXT_SECRET_KEY)
  return { endpoint, userId, secretKey, ...(nextSecretKey && { nextSecretKey }) }
}

function readRestAccount(env: Environment, addIssue: AddIssue): RestAccount | undefined {
  const [given, clientId, clientSecret] = readVariables(env, 'rest', addIssue)
  const url = given === undefined ? undefined : parseEndpoint(given, 'rest', addIssue)
  if (!url || !clientId || !clientSecret) return undefined
  if (/\/soap\//i.test(`${url.pathname}/`) || url.hostname.endsWith('.mktoapi.com')) {
    const place = 'Admin > Integration > Web Services, REST API'
    addIssue(VARIABLES.rest[0], `is the SOAP endpoint; the REST endpoint, such as ${ENDPOINTS.rest}, is under ${place}`)
    return undefined
  }
  const cookiePrefix = text(env.MARKETO_COOKIE_PREFIX)
  if (cookiePrefix !== undefined && cookiePrefix !== '_mkto_trk=') {
    addIssue('MARKETO_COOKIE_PREFIX', 'must be _mkto_trk= or not set')
    return undefined
  }
  return {
    transport: 'rest',
    endpoint: `${url.origin}${withoutApiPath(url.pathname)}`,
    clientId,
    clientSecret,
    ...(cookiePrefix && { cookiePrefix }),
  }
}

function readVariables(env: Environment, transport: TransportName, addIssue: AddIssue): (string | undefined)[] {
  const values = VARIABLES[transport].map((name) => text(env[name]))
  const label = transport.toUpperCase()
  if (values.every((value) => value === undefined)) {
    addIssue(VARIABLES[transport].join(', '), 'are not set; all three are required')
    return values
  }
  VARIABLES[transport].forEach((name, at) => {
    if (values[at] === undefined) addIssue(name, `is not set, but other ${label} variables are`)
  })
  return values
}

function parseEndpoint(endpoint: string, transport: TransportName, addIssue: AddIssue): URL | undefined {
  const [variable] = VARIABLES[transport]
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    addIssue(variable, `must be a URL such as ${ENDPOINTS[transport]}`)
    return undefined
  }
  if (transport === 'soap' && url.hostname.endsWith('.mktorest.com')) {
    addIssue(variable, `is the REST endpoint; set ${VARIABLES.rest.join(', ')} in place of the SOAP variables`)
    return undefined
  }
  const isLocal = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]'
  if (url.protocol === 'https:' || isLocal) return url
  addIssue(variable, 'must use https, because leads would be sent unencrypted')
  return undefined
}

/** Returns a variable's value without white space around it; undefined if there is none. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}
