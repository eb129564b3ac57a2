/** Reads the configuration for a command that asks Marketo: as the relay does, with all problems at once. */
import { readFileSync } from 'node:fs'
import { readConfig, type Account } from '../config/config.ts'
import type { Form } from '../config/forms.ts'

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

function readFile(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return new Error(`the file cannot be read; FORM_SYNC_FORMS or --forms names it. ${(error as Error).message}`)
  }
}
