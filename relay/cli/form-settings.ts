/** Reads the relay's forms file for a command that replays leads. It checks the file as the relay does. */
import { readFileSync } from 'node:fs'
import { readForms } from '../config/forms.ts'
import { settingsOf, type SettingsByForm } from '../intake/form-settings.ts'
import { AdminError } from './admin-source.ts'

const ADVICE = 'Name the forms file of the relay with --forms, or keep the stored settings with --keep-settings.'

/**
 * Returns the settings of the forms in a file.
 *
 * @throws {AdminError} if it cannot be read or is not a valid forms file
 */
export function readFormSettings(path: string): SettingsByForm {
  const problems: string[] = []
  const forms = readForms(parse(path), (place, problem) => problems.push(`${place}: ${problem}`))
  if (problems.length > 0) throw new AdminError(2, `${path} is not valid: ${problems.join('; ')}. ${ADVICE}`)
  return settingsOf(forms.values())
}

function parse(path: string): unknown {
  try {
    // Some editors write a byte-order mark at the start.
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new AdminError(2, `${path} cannot be read: ${(cause as Error).message}. ${ADVICE}`, { cause })
  }
}
