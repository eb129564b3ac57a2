/**
 * Configuration → checked, or every problem at once, each with its name, its place and what would be right.
 *
 * Pure: the environment and the forms' text are handed in. No message repeats a secret's value.
 */
import { LIMITS, type Limits } from '../outbox/limits/limits.ts'
import { readForms, type AddIssue, type Form } from './forms.ts'

export interface Config {
  forms: ReadonlyMap<string, Form>
  marketo: SoapAccount
  /** Whose Munchkin cookies are ours; without it any well-formed cookie is. */
  munchkinId?: string
  limits: Limits
  /** What servers show at `/v1/leads`. Without any the address is not served. */
  apiKeys: readonly string[]
  /** What the operator shows at `/v1/parked` and `/v1/replay`. Without it they are not served. */
  consoleToken?: string
  /** Objects that share the leads (Cloudflare). */
  shards: number
  /** The address of the database that several relays share (Node). */
  database?: string
  /** How long a receipt of a delivered lead is kept, in milliseconds. */
  keepReceipts: number
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
const DAY = 86_400_000
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
  const complain: AddIssue = (place, problem) => problems.push(`${place}: ${problem}`)

  const marketo = readSoapAccount(env, complain)
  const munchkinId = readMunchkinId(env, text(env.MARKETO_SOAP_ENDPOINT), complain)
  const parsed = typeof forms === 'string' ? parse(forms, complain) : forms
  if (parsed instanceof Error) complain('forms', parsed.message)
  const checked =
    parsed === undefined || parsed instanceof Error ? new Map<string, Form>() : readForms(parsed, complain)

  const apiKeys = readApiKeys(env, complain)
  const limits = readLimits(env, complain)
  const shards = readShards(env, limits, complain)
  const database = readDatabase(env, complain)
  const consoleToken = readConsoleToken(env, complain)
  const keepReceipts = readReceiptDays(env, complain)

  if (!marketo || problems.length > 0) throw new ConfigError(problems)
  return {
    forms: checked,
    marketo,
    limits,
    apiKeys,
    shards,
    keepReceipts,
    ...(munchkinId && { munchkinId }),
    ...(database && { database }),
    ...(consoleToken && { consoleToken }),
  }
}

/**
 * Reads where Marketo is and who we are there: whole, or undefined with each reason told. The deliverer of a Durable
 * Object needs no more than this.
 */
export function readSoapAccount(env: Environment, complain: AddIssue): SoapAccount | undefined {
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

/** How much Marketo may be called. */
export function readLimits(env: Environment, complain: AddIssue): Limits {
  const read = (name: string, otherwise: number, most: number, why?: string) =>
    readCount(env, name, { otherwise, most, ...(why && { why }) }, complain)
  return {
    callsPer20s: read('MARKETO_CALLS_PER_20S', LIMITS.callsPer20s, 100, ALL_THERE_IS),
    concurrency: read('MARKETO_CONCURRENCY', LIMITS.concurrency, 10, ALL_THERE_IS),
    callsPerDay: read('MARKETO_CALLS_PER_DAY', LIMITS.callsPerDay, 1_000_000),
    leadsPerCall: read('MARKETO_LEADS_PER_CALL', LIMITS.leadsPerCall, 300, ALL_THERE_IS),
    timeout: 1_000 * read('MARKETO_TIMEOUT', LIMITS.timeout / 1_000, 600),
  }
}

/** Why a count ends where it does. */
const ALL_THERE_IS = 'which is all that Marketo allows'

function readCount(
  env: Environment,
  name: string,
  { otherwise, most, why }: { otherwise: number; most: number; why?: string },
  complain: AddIssue,
): number {
  const words = text(env[name])
  if (words === undefined) return otherwise
  const count = /^\d{1,7}$/.test(words) ? Number(words) : 0
  if (count < 1 || count > most) complain(name, `takes a whole number from 1 to ${most}${why ? `, ${why}` : ''}`)
  return count
}

/**
 * Into how many objects the leads are spread on Cloudflare.
 *
 * Each has its part of the limits, and none can do with less than one call at once.
 */
export function readShards(env: Environment, limits: Limits, complain: AddIssue): number {
  const most = Math.min(limits.concurrency, limits.callsPer20s)
  const why = 'for each takes one of MARKETO_CONCURRENCY'
  return readCount(env, 'FORM_SYNC_SHARDS', { otherwise: 1, most, why }, complain)
}

/** How long receipts are kept, in milliseconds. An id that comes again after that is a new lead. */
export function readReceiptDays(env: Environment, complain: AddIssue): number {
  return DAY * readCount(env, 'FORM_SYNC_RECEIPT_DAYS', { otherwise: 90, most: 3_650 }, complain)
}

/** Where several relays keep their leads together; without it a relay keeps its own in a file. */
function readDatabase(env: Environment, complain: AddIssue): string | undefined {
  const url = text(env.FORM_SYNC_DATABASE)
  if (url === undefined) return undefined
  const right = /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)
  if (!right) complain('FORM_SYNC_DATABASE', 'must be an address such as postgres://user:password@host:5432/form_sync')
  return url
}

/** The operator's key; whoever has it sees what is parked. */
function readConsoleToken(env: Environment, complain: AddIssue): string | undefined {
  const token = text(env.FORM_SYNC_CONSOLE_TOKEN)
  if (token !== undefined && token.length < SHORTEST_API_KEY) {
    complain('FORM_SYNC_CONSOLE_TOKEN', `takes ${SHORTEST_API_KEY} characters or more`)
  }
  return token
}

/** Several keys, so that a new one can be given out before the old one is taken back. */
function readApiKeys(env: Environment, complain: AddIssue): string[] {
  const keys = (text(env.FORM_SYNC_API_KEYS) ?? '').split(/[\s,]+/).filter((key) => key !== '')
  if (keys.some((key) => key.length < SHORTEST_API_KEY)) {
    complain('FORM_SYNC_API_KEYS', `takes keys of ${SHORTEST_API_KEY} characters or more, with commas between`)
  }
  return keys
}

function isEndpoint(endpoint: string, complain: AddIssue): boolean {
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

function readMunchkinId(env: Environment, endpoint: string | undefined, complain: AddIssue): string | undefined {
  const id = text(env.MUNCHKIN_ID)
  if (id && !MUNCHKIN_ID.test(id)) complain('MUNCHKIN_ID', 'must look like 123-ABC-456')
  if (id) return id
  // A tenant's address starts with its Munchkin id.
  return endpoint?.match(/^https:\/\/(\d{3}-[A-Za-z]{3}-\d{3})\./)?.[1]?.toUpperCase()
}

function parse(forms: string, complain: AddIssue): unknown {
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
