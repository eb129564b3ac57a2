/**
 * Configuration → checked, or every problem at once, each with its name, its place and what would be right.
 *
 * Pure: the environment and the forms' text are handed in. No message repeats a secret's value.
 */
import { LIMITS, type Limits } from './limits.ts'
import { readForms, type Complain, type Form } from './forms.ts'

export interface Config {
  forms: ReadonlyMap<string, Form>
  marketo: SoapAccount
  /** Whose Munchkin cookies are ours; without it any well-formed cookie is. */
  munchkinId?: string
  limits: Limits
  /** What servers show at `/v1/leads`. Without any the address is not served. */
  apiKeys: readonly string[]
}

export interface SoapAccount {
  endpoint: string
  userId: string
  secretKey: string
  /** The key that is to follow: each is tried where the other is refused. */
  nextSecretKey?: string
}

export type Environment = Readonly<Record<string, unknown>>

const SOAP = ['MARKETO_SOAP_ENDPOINT', 'MARKETO_USER_ID', 'MARKETO_SECRET_KEY'] as const
const REST = ['MARKETO_REST_ENDPOINT', 'MARKETO_CLIENT_ID', 'MARKETO_CLIENT_SECRET'] as const
/** Shorter ones can be guessed. */
const SHORTEST_API_KEY = 20
const MUNCHKIN_ID = /^\d{3}-[A-Z]{3}-\d{3}$/

/** The relay cannot start. `problems` has every reason, one a line. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The relay cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Reads the environment and the forms.
 *
 * @param forms the forms file's text, what it holds, or why it cannot be read
 * @throws {ConfigError} with all that is wrong
 */
export function readConfig(env: Environment, forms: unknown): Config {
  const problems: string[] = []
  const complain: Complain = (place, problem) => problems.push(`${place}: ${problem}`)

  const marketo = readSoapAccount(env, complain)
  const munchkinId = readMunchkinId(env, text(env.MARKETO_SOAP_ENDPOINT), complain)
  const parsed = typeof forms === 'string' ? parse(forms, complain) : forms
  if (parsed instanceof Error) complain('forms', parsed.message)
  const checked =
    parsed === undefined || parsed instanceof Error ? new Map<string, Form>() : readForms(parsed, complain)

  const apiKeys = readApiKeys(env, complain)
  const limits = readLimits(env, complain)

  if (!marketo || problems.length > 0) throw new ConfigError(problems)
  return { forms: checked, marketo, limits, apiKeys, ...(munchkinId && { munchkinId }) }
}

/**
 * Reads where Marketo is and who we are there: whole, or undefined with each reason told. The deliverer of a Durable
 * Object needs no more than this.
 */
export function readSoapAccount(env: Environment, complain: Complain): SoapAccount | undefined {
  const [endpoint, userId, secretKey] = SOAP.map((name) => text(env[name]))
  if (!endpoint && !userId && !secretKey) {
    const rest = REST.some((name) => text(env[name]))
    complain(
      SOAP.join(', '),
      rest ? 'are not set; the REST variables are, but this version delivers by SOAP alone' : 'are not set',
    )
    return undefined
  }
  for (const name of SOAP) if (!text(env[name])) complain(name, 'is not set, though other SOAP variables are')
  const reachable = endpoint !== undefined && isEndpoint(endpoint, complain)
  if (!reachable || !userId || !secretKey) return undefined
  const nextSecretKey = text(env.MARKETO_NEXT_SECRET_KEY)
  return { endpoint, userId, secretKey, ...(nextSecretKey && { nextSecretKey }) }
}

/** How fast Marketo may be called. */
export function readLimits(env: Environment, complain: Complain): Limits {
  return {
    callsPer20s: readCount('MARKETO_CALLS_PER_20S', env.MARKETO_CALLS_PER_20S, LIMITS.callsPer20s, 100, complain),
    concurrency: readCount('MARKETO_CONCURRENCY', env.MARKETO_CONCURRENCY, LIMITS.concurrency, 10, complain),
  }
}

function readCount(name: string, value: unknown, otherwise: number, most: number, complain: Complain): number {
  const words = text(value)
  if (words === undefined) return otherwise
  const count = /^\d{1,3}$/.test(words) ? Number(words) : 0
  if (count < 1 || count > most)
    complain(name, `takes a whole number from 1 to ${most}, which is all that Marketo allows`)
  return count
}

/** Several keys, so that a new one can be given out before the old one is taken back. */
function readApiKeys(env: Environment, complain: Complain): string[] {
  const keys = (text(env.FORM_SYNC_API_KEYS) ?? '').split(/[\s,]+/).filter((key) => key !== '')
  if (keys.some((key) => key.length < SHORTEST_API_KEY)) {
    complain('FORM_SYNC_API_KEYS', `takes keys of ${SHORTEST_API_KEY} characters or more, with commas between`)
  }
  return keys
}

function isEndpoint(endpoint: string, complain: Complain): boolean {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    complain(SOAP[0], 'must be an address such as https://123-ABC-456.mktoapi.com/soap/mktows/3_1')
    return false
  }
  const { protocol, hostname } = new URL(endpoint)
  const here = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  const secret = protocol === 'https:' || here
  if (!secret) complain(SOAP[0], 'must be https: a lead would travel in the clear')
  return secret
}

function readMunchkinId(env: Environment, endpoint: string | undefined, complain: Complain): string | undefined {
  const id = text(env.MUNCHKIN_ID)
  if (id && !MUNCHKIN_ID.test(id)) complain('MUNCHKIN_ID', 'must look like 123-ABC-456')
  if (id) return id
  // A tenant's address starts with its Munchkin id.
  return endpoint?.match(/^https:\/\/(\d{3}-[A-Za-z]{3}-\d{3})\./)?.[1]?.toUpperCase()
}

function parse(forms: string, complain: Complain): unknown {
  try {
    // Some editors put a byte-order mark first.
    return JSON.parse(forms.replace(/^\uFEFF/, ''))
  } catch (error) {
    complain('forms', `the file is not JSON: ${(error as Error).message}`)
    return undefined
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}
