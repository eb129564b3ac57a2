/** Reads the forms file as text. It does not parse it: `config/` does, and reports all of its problems. */
import { readFileSync } from 'node:fs'

/** Returns the text of the forms file, or an error that the configuration reports together with its other problems. */
export function readFormsFile(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return new Error(`the file cannot be read; FORM_SYNC_FORMS or --forms names it. ${(error as Error).message}`)
  }
}
