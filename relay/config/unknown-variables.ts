/** Finds variables that look like the relay's own, and that it does not know: most are misspelt. Pure. */
import { nameVariables } from '../account-name.ts'
import type { Environment } from './account.ts'
import type { Warning } from './forms.ts'
import { nearName } from './near-name.ts'

/** Every variable that the relay or its commands read. */
const VARIABLES = [
  'FORM_SYNC_ALERT_SECRET',
  'FORM_SYNC_ALERT_URL',
  'FORM_SYNC_API_KEYS',
  'FORM_SYNC_CONSOLE_TOKEN',
  'FORM_SYNC_DATA',
  'FORM_SYNC_DATABASE',
  'FORM_SYNC_DATA_KEY',
  'FORM_SYNC_DISK_RESERVE_MB',
  'FORM_SYNC_FORMS',
  'FORM_SYNC_HCAPTCHA_SECRET',
  'FORM_SYNC_HEARTBEAT_URL',
  'FORM_SYNC_MAX_CONNECTIONS',
  'FORM_SYNC_MAX_WAITING',
  'FORM_SYNC_MAX_WAITING_PER_SOURCE',
  'FORM_SYNC_OPERATORS',
  'FORM_SYNC_POSTS_PER_MINUTE',
  'FORM_SYNC_RECAPTCHA_SECRET',
  'FORM_SYNC_PARKED_DAYS',
  'FORM_SYNC_RECEIPT_DAYS',
  'FORM_SYNC_SHARDS',
  'FORM_SYNC_TEST_RULES',
  'FORM_SYNC_TICKET_KEY',
  'FORM_SYNC_TRUSTED_PROXIES',
  'FORM_SYNC_TURNSTILE_SECRET',
  'MARKETO_CALLS_PER_20S',
  'MARKETO_CALLS_PER_DAY',
  'MARKETO_CLIENT_ID',
  'MARKETO_CLIENT_SECRET',
  'MARKETO_CONCURRENCY',
  'MARKETO_COOKIE_PREFIX',
  'MARKETO_LEADS_PER_CALL',
  'MARKETO_NEXT_SECRET_KEY',
  'MARKETO_REST_ENDPOINT',
  'MARKETO_SECRET_KEY',
  'MARKETO_SERVER_SHARE',
  'MARKETO_SOAP_ENDPOINT',
  'MARKETO_TIMEOUT',
  'MARKETO_TRANSPORT',
  'MARKETO_USER_ID',
  'MARKETO_WEAK_SHARE',
  'MUNCHKIN_ID',
]

/**
 * Returns a warning for each variable with a name like the relay's own that is none: it has no effect.
 *
 * @param accounts names of the accounts, whose variables have their names in them
 */
export function unknownVariables(env: Environment, accounts: readonly string[]): Warning[] {
  const known = [...new Set(accounts.flatMap((account) => VARIABLES.map((name) => nameVariables(account, name))))]
  const isKnown = new Set(known)
  return Object.keys(env)
    .filter((name) => /^(FORM_SYNC|MARKETO|MUNCHKIN)_/.test(name) && !isKnown.has(name))
    .map((place) => {
      const near = nearName(place, known)
      const advice = near === undefined ? 'docs/deploy.md lists those that there are' : `did you mean ${near}?`
      return { place, reason: `is not a variable of the relay, and has no effect; ${advice}` }
    })
}
