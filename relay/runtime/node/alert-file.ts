/**
 * Keeps the state of the alerts in a file beside the outbox, so that no alert is repeated or forgotten when the relay restarts.
 * No lead depends on it: while it cannot be written, the state is kept in memory alone.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { reasonOf, type Log } from '../../monitoring/events.ts'
import type { SharedRow } from './shared-alerts.ts'

const NOTHING = '{}'

/** Opens the file, which may be missing. */
export function openAlertFile(path: string, log: Log): SharedRow {
  let text = readState(path, log)
  return {
    read: async () => text,
    async write(seen, before) {
      if (text !== before) return false
      text = seen
      try {
        // A process that is killed meanwhile leaves the old file or the new one, never a part.
        writeFileSync(`${path}.new`, text, { mode: 0o600 })
        renameSync(`${path}.new`, path)
      } catch (error) {
        log({ event: 'error', where: 'alert file', reason: (error as NodeJS.ErrnoException).code ?? reasonOf(error) })
      }
      return true
    },
  }
}

function readState(path: string, log: Log): string {
  try {
    const text = readFileSync(path, 'utf8')
    const state: unknown = JSON.parse(text)
    if (typeof state === 'object' && state !== null && !Array.isArray(state)) return text
    log({ event: 'error', where: 'alert file', reason: 'has no object' })
  } catch (error) {
    const { code = 'is no JSON' } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') log({ event: 'error', where: 'alert file', reason: code })
  }
  return NOTHING
}
