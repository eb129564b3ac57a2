/** Reads the configuration for a command that asks Marketo: as the relay does, with all problems at once. */
import { readFileSync } from 'node:fs'
import { readAccount, text } from '../config/account.ts'
import { readConfig, readLimits, type Account } from '../config/config.ts'
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
  const account = readAccount(env, addIssue)
  const limits = readLimits(env, addIssue)
  if (!account || problems.length > 0) return { problems }
  return { account, limits, munchkinId: text(env.MUNCHKIN_ID), forms: readValidForms(path) }
}

function readValidForms(path: string): Form[] {
  let isValid = true
  try {
    const input: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
    const forms = readForms(input, () => (isValid = false))
    return isValid ? [...forms.values()] : []
  } catch {
    return []
  }
}

function readFile(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return new Error(`the file cannot be read; FORM_SYNC_FORMS or --forms names it. ${(error as Error).message}`)
  }
}
