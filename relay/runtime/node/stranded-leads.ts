/** The health issue of leads whose account has no variables any more: nothing sends them. It only describes them. */
import { nameVariables } from '../../account-name.ts'
import type { HealthIssue } from '../../monitoring/health.ts'

/** A query on SQLite for the undelivered leads of each account. */
export const LEADS_BY_ACCOUNT =
  'SELECT account, sum(waiting + held + parked + owed) AS leads FROM counter GROUP BY account'

/** A row of `LEADS_BY_ACCOUNT`. */
export type AccountLeads = { account: string; leads: number }

/**
 * Lists the issue, if there is one.
 *
 * @param stored undelivered leads and owed cookies by account
 * @param isConfigured returns whether the relay delivers the leads of an account
 */
export function strandedIssues(
  stored: readonly AccountLeads[],
  isConfigured: (account: string) => boolean,
): HealthIssue[] {
  const stranded = stored.filter(({ account, leads }) => leads > 0 && !isConfigured(account))
  if (stranded.length === 0) return []
  const accounts = stranded.map(({ account, leads }) => {
    const variables = nameVariables(account, 'MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET')
    return `${account} (${leads} ${leads === 1 ? 'lead' : 'leads'}; ${variables})`
  })
  return [
    {
      kind: 'stranded',
      count: stranded.reduce((sum, { leads }) => sum + leads, 0),
      reason: `these leads are not sent, because the variables of their accounts are not set: ${accounts.join(', ')}. Set them again until no lead waits. A replay sends parked leads to the account that their form has today`,
    },
  ]
}
