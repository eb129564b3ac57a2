/** Reads the configuration for a command that asks Marketo: as the relay does, with all problems at once. */
import { FIRST_ACCOUNT, nameVariables } from '../account-name.ts'
import { text } from '../config/account.ts'
import { parseForms, readAccountSettings, readConfig, type Account } from '../config/config.ts'
import { readForms, type Form } from '../config/forms.ts'
import type { Limits } from '../outbox/limits/limits.ts'
import { readFormsFile } from '../runtime/node/forms-file.ts'
import { printable } from './terminal.ts'

/** A Marketo account with the forms that name it. */
export interface Configuration {
  /** Name of the account, `default` for the one without a name. */
  name: string
  account: Account
  forms: readonly Form[]
  /** Maximum time of a call, in ms. */
  timeout: number
}

/** Options of a command that reads the forms file. */
export const FORMS_OPTION = { forms: { type: 'string' } } as const

/** Option of a command that asks one Marketo account. */
export const ACCOUNT_OPTION = { account: { type: 'string', default: FIRST_ACCOUNT } } as const

export const ACCOUNT_HELP = `  --account <name>      The Marketo account. Default: that without a name`

export const CONFIGURATION_HELP = `  --forms <file>        Forms file. FORM_SYNC_FORMS, default: forms.json`

/** Returns the path of the forms file. */
export function formsPath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  return option ?? (env.FORM_SYNC_FORMS || 'forms.json')
}

/**
 * Reads environment and forms file. Returns the accounts that forms name.
 *
 * @throws {ConfigError} with all problems
 */
export function readConfiguration(path: string, env: NodeJS.ProcessEnv): Configuration[] {
  const { accounts, forms } = readConfig(env, readFormsFile(path))
  return Array.from(accounts, ([name, { marketo, limits }]) => ({
    name,
    account: marketo,
    forms: Array.from(forms.values()).filter((form) => form.account === name),
    timeout: limits.timeout,
  })).filter((each) => each.forms.length > 0)
}

export interface AccountOnly {
  account: Account
  limits: Limits
  /** The variable `MUNCHKIN_ID` of the account, as it is. */
  munchkinId: string | undefined
  /** Forms of the account. Empty if the forms file cannot be read or is wrong. */
  forms: readonly Form[]
}

/** Reads the account and its limits, and the forms as far as they are valid; or returns the problems of the account. */
export function readAccountOnly(
  path: string,
  env: NodeJS.ProcessEnv,
  name: string,
): AccountOnly | { problems: string[] } {
  const problems: string[] = []
  const addIssue = (place: string, problem: string) => void problems.push(`${place}: ${problem}`)
  const { marketo, limits } = readAccountSettings(env, name, addIssue)
  if (!marketo || problems.length > 0) return { problems }
  const forms = readValidForms(path).filter(({ account }) => account === name)
  return { account: marketo, limits, munchkinId: text(env[nameVariables(name, 'MUNCHKIN_ID')]), forms }
}

function readValidForms(path: string): readonly Form[] {
  const read = readFormsOnly(path)
  return 'problems' in read ? [] : read.forms
}

/** Reads the forms of either transport; or returns their problems. */
export function readFormsOnly(path: string): { forms: readonly Form[] } | { problems: string[] } {
  const problems: string[] = []
  const addIssue = (place: string, problem: string) => void problems.push(`${place}: ${problem}`)
  const input = parseForms(readFormsFile(path), addIssue)
  const forms = input === undefined ? new Map<string, Form>() : readForms(input, addIssue)
  return problems.length > 0 ? { problems } : { forms: [...forms.values()] }
}

/** Prints the problems of the configuration for a command, and returns its exit code. */
export function configurationError(command: string, problems: readonly string[]): number {
  const lines = problems.map((problem) => `  - ${printable(problem)}`)
  console.error(`form-sync ${command}: the configuration is wrong:\n${lines.join('\n')}`)
  return 2
}
