/** Reads the configuration for a command that asks Marketo: as the relay does, with all problems at once. */
import { readFileSync } from 'node:fs'
import { FIRST_ACCOUNT } from '../account-name.ts'
import { text } from '../config/account.ts'
import { readAccountSettings, readConfig, type Account } from '../config/config.ts'
import { readForms, type Form } from '../config/forms.ts'
import type { Limits } from '../outbox/limits/limits.ts'

export interface Configuration {
  account: Account
  forms: readonly Form[]
  /** Maximum time of a call, in ms. */
  timeout: number
  munchkinId: string | undefined
}

/** Options of a command that reads the forms file. */
export const FORMS_OPTION = { forms: { type: 'string' } } as const

export const CONFIGURATION_HELP = `  --forms <file>        Forms file. FORM_SYNC_FORMS, default: forms.json`

/** Returns the path of the forms file. */
export function formsPath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  return option ?? (env.FORM_SYNC_FORMS || 'forms.json')
}

/**
 * Reads environment and forms file.
 *
 * @throws {ConfigError} with all problems
 */
export function readConfiguration(path: string, env: NodeJS.ProcessEnv): Configuration {
  const { marketo, forms, limits, munchkinId } = readConfig(env, readFile(path))
  return { account: marketo, forms: [...forms.values()], timeout: limits.timeout, munchkinId }
}

export interface AccountOnly {
  account: Account
  limits: Limits
  /** The variable `MUNCHKIN_ID`, as it is. */
  munchkinId: string | undefined
  /** Empty if the forms file cannot be read or is wrong. */
  forms: readonly Form[]
}

/** Reads the account and its limits, and the forms as far as they are valid; or returns the problems of the account. */
export function readAccountOnly(path: string, env: NodeJS.ProcessEnv): AccountOnly | { problems: string[] } {
  const problems: string[] = []
  const addIssue = (place: string, problem: string) => void problems.push(`${place}: ${problem}`)
  const { marketo, limits } = readAccountSettings(env, FIRST_ACCOUNT, addIssue)
  if (!marketo || problems.length > 0) return { problems }
  return { account: marketo, limits, munchkinId: text(env.MUNCHKIN_ID), forms: readValidForms(path) }
}

function readValidForms(path: string): readonly Form[] {
  const read = readFormsOnly(path)
  return 'problems' in read ? [] : read.forms
}

/** Reads the forms of either transport; or returns their problems. */
export function readFormsOnly(path: string): { forms: readonly Form[] } | { problems: string[] } {
  const text = readFile(path)
  if (text instanceof Error) return { problems: [`forms: ${text.message}`] }
  const problems: string[] = []
  try {
    // Some editors write a byte-order mark at the start.
    const input: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    const forms = readForms(input, (place, problem) => problems.push(`${place}: ${problem}`))
    return problems.length > 0 ? { problems } : { forms: [...forms.values()] }
  } catch (error) {
    return { problems: [`forms: the file is not valid JSON: ${(error as Error).message}`] }
  }
}

function readFile(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return new Error(`the file cannot be read; FORM_SYNC_FORMS or --forms names it. ${(error as Error).message}`)
  }
}
