/**
 * Reads and checks the configuration: environment variables and the forms file.
 *
 * Reports all problems at once, each with its place and what is allowed there. No message contains the value of a secret.
 * Pure: the environment and the content of the forms file are parameters. All variables are read in this folder.
 */
import { FIRST_ACCOUNT, namedAccounts, nameVariables } from '../account-name.ts'
import { munchkinIdOf } from '../marketo/endpoint.ts'
import { LIMITS, type Limits } from '../outbox/limits/limits.ts'
import { readAlertReceivers, type AlertReceivers } from './alert-receivers.ts'
import { readAccount, readTransport, text, type Account, type Environment } from './account.ts'
import { readDataKeys } from './data-keys.ts'
import { readForms, warnOfClearing, type AddIssue, type Form, type Warning } from './forms.ts'
import { readIntakeLimits, type IntakeLimits } from './intake-limits.ts'
import { readOperators, type Operator } from './operators.ts'
import { readCount } from './read-count.ts'
import { readRobotSecrets, type RobotSecrets } from './robots.ts'
import { readTrustedProxies, type TrustedProxies } from './trusted-proxies.ts'
import { unknownVariables } from './unknown-variables.ts'

/** The settings of one Marketo account. */
export interface AccountSettings {
  marketo: Account
  /** Munchkin id that cookies must have. Without it every well-formed cookie is valid. */
  munchkinId?: string
  limits: Limits
  /** Number of Durable Objects over which the leads are distributed (Cloudflare). */
  shards: number
}

/** The configuration, with the settings of the account that has no name. */
export interface Config extends AccountSettings {
  forms: ReadonlyMap<string, Form>
  /** Every account by the name under which it is stored, the one without a name (`default`) first. */
  accounts: ReadonlyMap<string, AccountSettings>
  /** Accounts whose variables are set and that no form names. Those without a problem are in `accounts`, too. */
  unusedAccounts: readonly { account: string; reason: string }[]
  /** What works, and is probably not what was meant. */
  warnings: readonly Warning[]
  /** Keys of the servers that may call `/v1/leads`. Without keys there is no such route. */
  apiKeys: readonly string[]
  /** The operator's token for the routes of operators and the state in `/readyz`. Without it there are no such routes. */
  consoleToken?: string
  /** Operators with tokens of their own. */
  operators: readonly Operator[]
  /** URL of the PostgreSQL database that several relays share (Node). Without it a relay uses a file. */
  database?: string
  /** Keys that encrypt the stored leads: the first one encrypts, all of them decrypt. Without keys nothing is encrypted. */
  dataKeys: readonly Uint8Array[]
  /** The proxies that report the address of a visitor (Node). */
  trustedProxies: TrustedProxies
  /** Limits of what the relay takes (Node). */
  intake: IntakeLimits
  /** Whether the address `rule+<rule>@example.com` makes each rule fire. */
  testRules: boolean
  /** Secrets of tickets and challenges. */
  robots: RobotSecrets
  /** Where alerts and heartbeats are sent to. */
  alerts: AlertReceivers
  /** Retention of the receipts of delivered leads, in ms. */
  keepReceipts: number
  /** Time for which parked and held leads are kept, in ms; infinite for ever. */
  keepParked: number
}

/** Returns whether the relay has operators, and so the routes for them. */
export function hasOperators({ consoleToken, operators }: Pick<Config, 'consoleToken' | 'operators'>): boolean {
  return consoleToken !== undefined || operators.length > 0
}

/** Minimum length of a key or token, in characters. A shorter one could be guessed. */
const MIN_KEY_LENGTH = 20
const DAY_MS = 86_400_000

const MUNCHKIN_ID = /^\d{3}-[A-Z]{3}-\d{3}$/

export type { Account, Environment, RestAccount, SoapAccount } from './account.ts'

/** Configuration error at start-up. `problems` lists everything that is wrong, one line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The relay cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Reads the whole configuration.
 *
 * @param forms the text of the forms file, its parsed content, or the error if it cannot be read
 * @throws {ConfigError} with all problems
 */
export function readConfig(env: Environment, forms: unknown): Config {
  const problems: string[] = []
  const addIssue: AddIssue = (place, problem) => problems.push(`${place}: ${problem}`)

  const read = new Map([FIRST_ACCOUNT, ...namedAccounts(env)].map((name) => [name, collectAccount(env, name)]))
  const ofForms: string[] = []
  const addFormIssue: AddIssue = (place, problem) => ofForms.push(`${place}: ${problem}`)
  const parsed = parseForms(forms, addFormIssue)
  const checked =
    parsed === undefined
      ? new Map<string, Form>()
      : readForms(parsed, addFormIssue, (account) => read.get(account)?.transport)
  const used = new Set([FIRST_ACCOUNT])
  for (const { name, account, whenEmpty } of checked.values()) {
    used.add(account)
    const own = read.get(account)
    if (whenEmpty && own && own.limits.callsPer20s / own.shards < MIN_CALLS_FOR_LOOKUP) {
      const variable = nameVariables(account, 'MARKETO_CALLS_PER_20S')
      addFormIssue(
        `forms.${name}.fields`,
        `"when-empty" takes two calls; raise ${variable} to 4 or more for each shard`,
      )
    }
    if (own) continue
    const variables = nameVariables(account, 'MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET')
    addFormIssue(`forms.${name}.account`, `set the variables of the account "${account}": ${variables}`)
  }
  const accounts = new Map<string, AccountSettings>()
  const unusedAccounts: Config['unusedAccounts'][number][] = []
  for (const [account, { problems: ofAccount, transport: _, marketo, ...settings }] of read) {
    if (used.has(account)) problems.push(...ofAccount)
    else unusedAccounts.push({ account, reason: ['no form names it', ...ofAccount].join('; ') })
    if (marketo && ofAccount.length === 0) accounts.set(account, { marketo, ...settings })
  }
  rejectSharedUsers(accounts, addIssue)
  problems.push(...ofForms)

  const apiKeys = readApiKeys(env, addIssue)
  const database = readDatabase(env, addIssue)
  const dataKeys = readDataKeys(env, addIssue)
  const consoleToken = readConsoleToken(env, addIssue)
  const operators = readOperators(env, addIssue)
  const keepReceipts = readReceiptDays(env, addIssue)
  const keepParked = readParkedDays(env, addIssue)
  const trustedProxies = readTrustedProxies(env, addIssue)
  const intake = readIntakeLimits(env, addIssue)
  const testRules = readTestRules(env, addIssue)
  const robots = readRobotSecrets(env, checked.values(), addIssue)
  const alerts = readAlertReceivers(env, addIssue)

  const first = accounts.get(FIRST_ACCOUNT)
  if (!first || problems.length > 0) throw new ConfigError(problems)
  return {
    ...first,
    forms: checked,
    accounts,
    unusedAccounts,
    warnings: [
      ...unknownVariables(env, [...read.keys()]),
      ...warnOfClearing(checked.values()),
      ...(testRules ? [TEST_RULES_WARNING] : []),
    ],
    apiKeys,
    operators,
    dataKeys,
    keepReceipts,
    keepParked,
    testRules,
    trustedProxies,
    intake,
    robots,
    alerts,
    ...(database && { database }),
    ...(consoleToken && { consoleToken }),
  }
}

/** Minimum number of calls in 20 seconds with which two calls for one lead fit in the time of an attempt. */
const MIN_CALLS_FOR_LOOKUP = 4

/** Settings of an account as far as they could be read. */
interface ReadAccount extends Omit<AccountSettings, 'marketo'> {
  /** Absent when it is not complete. */
  marketo?: Account
  transport: 'soap' | 'rest' | undefined
}

/**
 * Reads the settings of one account, by the name under which it is stored. A Durable Object reads only these.
 *
 * The variables of a named account have its name in theirs, in the messages too.
 */
export function readAccountSettings(all: Environment, name: string, addProblem: AddIssue): ReadAccount {
  const env = new Proxy(all, { get: (variables, variable) => variables[nameVariables(name, String(variable))] })
  const addIssue: AddIssue = (place, problem) => addProblem(nameVariables(name, place), nameVariables(name, problem))
  const marketo = readAccount(env, addIssue)
  const munchkinId = readMunchkinId(env, marketo?.endpoint, addIssue)
  const limits = readLimits(env, addIssue)
  const transport = readTransport(env, () => {})
  const shards = readShards(env, limits, addIssue)
  return { transport, limits, shards, ...(marketo && { marketo }), ...(munchkinId && { munchkinId }) }
}

/** Reads the settings of an account together with their problems. */
function collectAccount(env: Environment, name: string): ReadAccount & { problems: string[] } {
  const problems: string[] = []
  return { ...readAccountSettings(env, name, (place, problem) => problems.push(`${place}: ${problem}`)), problems }
}

/** Reports accounts with the endpoint and the user of another one: each would use all of the limits that they share. */
function rejectSharedUsers(accounts: ReadonlyMap<string, AccountSettings>, addIssue: AddIssue): void {
  const known = new Map<string, string>()
  for (const [name, { marketo }] of accounts) {
    const isRest = marketo.transport === 'rest'
    const key = `${new URL(marketo.endpoint).href} ${isRest ? marketo.clientId : marketo.userId}`
    const other = known.get(key)
    if (other !== undefined) {
      const place = nameVariables(name, isRest ? 'MARKETO_CLIENT_ID' : 'MARKETO_USER_ID')
      addIssue(
        place,
        `is that of the account "${other}", with one endpoint: they would share their limits; use one account`,
      )
    }
    known.set(key, name)
  }
}

/** Share of the day's calls that leads with weak evidence may use by default, in percent. */
const WEAK_SHARE = 20

/** Share of the day's calls that is kept for servers by default, where there are any, in percent. */
const SERVER_SHARE = 10

/** Reads the limits for calls to Marketo. */
function readLimits(env: Environment, addIssue: AddIssue): Limits {
  const read = (name: string, defaultValue: number, max: number, reason?: string) =>
    readCount(env, name, { defaultValue, max, ...(reason && { reason }) }, addIssue)
  const hasServers = text(env.FORM_SYNC_API_KEYS) !== undefined
  if (!hasServers && text(env.MARKETO_SERVER_SHARE) !== undefined) {
    addIssue('MARKETO_SERVER_SHARE', 'keeps calls for servers, but FORM_SYNC_API_KEYS is not set; set both, or neither')
  }
  const serverShare = { defaultValue: hasServers ? SERVER_SHARE : 0, min: 0, max: 90, reason: 'in percent' }
  return {
    callsPer20s: read('MARKETO_CALLS_PER_20S', LIMITS.callsPer20s, 100, MARKETO_MAXIMUM),
    concurrency: read('MARKETO_CONCURRENCY', LIMITS.concurrency, 10, MARKETO_MAXIMUM),
    callsPerDay: read('MARKETO_CALLS_PER_DAY', LIMITS.callsPerDay, 1_000_000),
    weakShare: read('MARKETO_WEAK_SHARE', WEAK_SHARE, 100, 'in percent'),
    serverShare: readCount(env, 'MARKETO_SERVER_SHARE', serverShare, addIssue),
    leadsPerCall: read('MARKETO_LEADS_PER_CALL', LIMITS.leadsPerCall, 300, MARKETO_MAXIMUM),
    timeout: 1_000 * read('MARKETO_TIMEOUT', LIMITS.timeout / 1_000, 600),
  }
}

/** Reason for the maximum of a limit. */
const MARKETO_MAXIMUM = 'the maximum that Marketo allows'

/**
 * Reads the number of Durable Objects over which the leads are distributed.
 *
 * The objects divide the limits among them, and each needs at least one concurrent call.
 */
function readShards(env: Environment, limits: Limits, addIssue: AddIssue): number {
  const max = Math.min(limits.concurrency, limits.callsPer20s)
  const reason = 'the smaller of MARKETO_CONCURRENCY and MARKETO_CALLS_PER_20S'
  return readCount(env, 'FORM_SYNC_SHARDS', { defaultValue: 1, max, reason }, addIssue)
}

/** Reads the retention of receipts, in ms. A repeated id counts as a new lead once its receipt is removed. */
export function readReceiptDays(env: Environment, addIssue: AddIssue): number {
  return DAY_MS * readCount(env, 'FORM_SYNC_RECEIPT_DAYS', { defaultValue: 90, max: 3_650 }, addIssue)
}

/** Reads the retention of parked and held leads, in ms; infinite for 0. */
export function readParkedDays(env: Environment, addIssue: AddIssue): number {
  return (
    DAY_MS * (readCount(env, 'FORM_SYNC_PARKED_DAYS', { defaultValue: 30, min: 0, max: 3_650 }, addIssue) || Infinity)
  )
}

function readDatabase(env: Environment, addIssue: AddIssue): string | undefined {
  const url = text(env.FORM_SYNC_DATABASE)
  if (url === undefined) return undefined
  const isValid = /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)
  if (!isValid) addIssue('FORM_SYNC_DATABASE', 'must be a URL such as postgres://user:password@host:5432/form_sync')
  return url
}

function readConsoleToken(env: Environment, addIssue: AddIssue): string | undefined {
  const token = text(env.FORM_SYNC_CONSOLE_TOKEN)
  if (token !== undefined && token.length < MIN_KEY_LENGTH) {
    addIssue('FORM_SYNC_CONSOLE_TOKEN', `must have ${MIN_KEY_LENGTH} characters or more`)
  }
  return token
}

/** Reads whether the addresses that make rules fire count. */
function readTestRules(env: Environment, addIssue: AddIssue): boolean {
  const value = text(env.FORM_SYNC_TEST_RULES)
  if (value !== undefined && value !== '0' && value !== '1') addIssue('FORM_SYNC_TEST_RULES', 'must be 0 or 1')
  return value === '1'
}

const TEST_RULES_WARNING: Warning = {
  place: 'FORM_SYNC_TEST_RULES',
  reason: 'the address rule+<rule>@example.com makes each rule fire; unset it where real visitors post',
}

/** Reads the API keys. There may be several, so that a new key can be distributed before the old one is revoked. */
function readApiKeys(env: Environment, addIssue: AddIssue): string[] {
  const keys = (text(env.FORM_SYNC_API_KEYS) ?? '').split(/[\s,]+/).filter((key) => key !== '')
  if (keys.some((key) => key.length < MIN_KEY_LENGTH)) {
    addIssue('FORM_SYNC_API_KEYS', `must be keys of ${MIN_KEY_LENGTH} characters or more, separated by commas`)
  }
  return keys
}

function readMunchkinId(env: Environment, endpoint: string | undefined, addIssue: AddIssue): string | undefined {
  const id = text(env.MUNCHKIN_ID)
  if (id && !MUNCHKIN_ID.test(id)) addIssue('MUNCHKIN_ID', 'must look like 123-ABC-456')
  if (id) return id
  return endpoint === undefined ? undefined : munchkinIdOf(endpoint)
}

/**
 * Parses the forms file. Returns its content; undefined, after reporting why, if it was not read or is not valid JSON.
 *
 * @param forms the text of the file, its parsed content, or the error if it cannot be read
 */
export function parseForms(forms: unknown, addIssue: AddIssue): unknown {
  if (forms instanceof Error) {
    addIssue('forms', forms.message)
    return undefined
  }
  if (typeof forms !== 'string') return forms
  try {
    // Some editors write a byte-order mark at the start.
    return JSON.parse(forms.replace(/^\uFEFF/, ''))
  } catch (error) {
    addIssue('forms', `the file is not valid JSON: ${(error as Error).message}`)
    return undefined
  }
}
