/** The names of Marketo accounts, and the names of their variables. Pure. */

/** The account without a name: that of forms that name none. It is stored under this name. */
export const FIRST_ACCOUNT = 'default'

/** Words that begin the name of a variable: `MARKETO_NEXT_SECRET_KEY` could be that of an account `next` as well. */
const AMBIGUOUS_END = /(?:^|-)(?:soap|rest|user|client|secret|next|calls|leads|per|munchkin)$/

/** Returns whether an account may have this name: its variables are then those of no other account. */
export function isAccountName(name: string): boolean {
  const isWellFormed = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(name)
  return isWellFormed && name !== FIRST_ACCOUNT && !AMBIGUOUS_END.test(name)
}

/**
 * Returns the text with the variables of this account in place of those of the account without a name:
 * `MARKETO_SANDBOX_CLIENT_ID`, `MARKETO_SANDBOX_MUNCHKIN_ID` and `MARKETO_SANDBOX_SHARDS` for `MARKETO_CLIENT_ID`,
 * `MUNCHKIN_ID` and `FORM_SYNC_SHARDS`.
 */
export function nameVariables(account: string, text: string): string {
  if (account === FIRST_ACCOUNT) return text
  const prefix = `MARKETO_${account.toUpperCase().replaceAll('-', '_')}_`
  return text.replace(/\b(?:MARKETO_|FORM_SYNC_(?=SHARDS\b)|(?=MUNCHKIN_ID\b))/g, prefix)
}

/** Returns the names of the accounts whose variables are set, without that of the account without a name. */
export function namedAccounts(variables: Readonly<Record<string, unknown>>): string[] {
  const names = Object.entries(variables).map(([variable, value]) => {
    const found = /^MARKETO_([A-Z0-9_]+)_(?:(?:SOAP|REST)_ENDPOINT|USER_ID|CLIENT_ID|CLIENT_SECRET)$/.exec(variable)
    return (value ? found?.[1]?.toLowerCase().replaceAll('_', '-') : undefined) ?? ''
  })
  return [...new Set(names)].filter(isAccountName)
}
