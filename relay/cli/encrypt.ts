/**
 * Runs `form-sync encrypt`: encrypts the rows of a store with the first data key, or decrypts them.
 *
 * It works in steps, each of them atomic. If it is interrupted, run it again.
 */
import { createRecorder } from '../admin/audit-log.ts'
import { FIRST_PLACE, isRotated, type RowsByKey, type ResealPlace } from '../outbox/sealing/reseal.ts'
import { AdminError, failureOf } from './admin-source.ts'
import { cipherFrom } from './data-keys.ts'
import { resealedDatabase, resealedFolder, type OpenResealed } from './open-resealed.ts'
import { ownName } from './own-name.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, createProgress } from './terminal.ts'

const HELP = `Usage: form-sync encrypt [options]

Encrypts every lead that is not delivered, and every cookie that is owed, with
the first key of FORM_SYNC_DATA_KEY, and says how many rows each key has. Run it
after the variable was set, or after a new key was put before the old one. Start
the relays with the variable first; they go on meanwhile.

When all rows have the first key, the others can be removed from the variable.

Options:
  --off                 Decrypt them instead, to do without keys. Stop all
                        relays first, and start them without the variable
  --data <folder>       The folder of a relay on this machine
  Default: the database FORM_SYNC_DATABASE if it is set, otherwise the folder
  FORM_SYNC_DATA, otherwise ./data
  --json                Print one JSON object
  -h, --help            Show this help

Examples:
  form-sync encrypt --data /var/lib/form-sync
  form-sync encrypt --json

Exit codes:
  0  All rows are encrypted with the first key, or none is after --off
  1  Some rows need another key, or the store cannot be used
  2  The options or variables are wrong, or a key is missing`

/** Runs the command and resolves with its exit code. */
export async function encryptCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parseOptions({
      args: words,
      options: {
        off: { type: 'boolean', default: false },
        data: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return usageError('encrypt', (error as Error).message)
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  let store: OpenResealed | undefined
  try {
    const cipher = cipherFrom(env)
    const { off, data, json } = options
    const resealing = { cipher, decrypts: off }
    store =
      data === undefined && env.FORM_SYNC_DATABASE
        ? await resealedDatabase(env.FORM_SYNC_DATABASE, resealing)
        : await resealedFolder(data ?? (env.FORM_SYNC_DATA || 'data'), resealing)
    const key = off ? undefined : cipher.keyIds[0]
    const own = store
    const changed = await createRecorder(own.acts, { by: ownName(), via: 'command' }, Date.now).record(
      { kind: off ? 'decrypt' : 'encrypt', selector: { ...(key !== undefined && { key }) } },
      () => resealAll(own),
      (rows) => rows,
    )
    const rows = await store.finish()
    console.log(json ? JSON.stringify(resultOf(changed, rows, key)) : describe(changed, rows, key))
    return isRotated(rows, key) ? 0 : 1
  } catch (error) {
    const { code, message } = error instanceof AdminError ? error : failureOf(error)
    console.error(`form-sync encrypt: ${message}`)
    return code
  } finally {
    await store?.close()
  }
}

/** Seals all rows again that need it. Resolves with their number. */
async function resealAll(store: OpenResealed): Promise<number> {
  const progress = createProgress(process.stderr, Date.now)
  let changed = 0
  try {
    for (let place: ResealPlace | undefined = FIRST_PLACE; place !== undefined;) {
      const step: Awaited<ReturnType<OpenResealed['step']>> = await store.step(place)
      changed += step.changed
      place = step.next
      progress.update(`${counted(changed, 'row')} changed`)
    }
  } finally {
    progress.end()
  }
  return changed
}

function resultOf(changed: number, rows: RowsByKey, key: string | undefined): object {
  const plain = rows.get(null) ?? 0
  const byKey = Object.fromEntries([...rows].filter(([id]) => id !== null))
  return { ...(key !== undefined && { key }), changed, rows: byKey, plain, done: isRotated(rows, key) }
}

function describe(changed: number, rows: RowsByKey, key: string | undefined): string {
  const verb = key === undefined ? 'Decrypted' : 'Encrypted'
  const byKey = Array.from(rows, ([id, own]) => `  ${id ?? 'not encrypted'}: ${counted(own, 'row')}`)
  const done = isRotated(rows, key)
  const left =
    key === undefined
      ? 'Some rows are still encrypted, because a relay runs with a data key. Stop it, and run the command again.'
      : `Some rows do not have the key ${key}, because a relay runs without it as its first one. Start it again with this FORM_SYNC_DATA_KEY, and run the command again.`
  return [
    `${verb} ${counted(changed, 'row')}${key === undefined ? '' : ` with the key ${key}`}.`,
    ...(byKey.length > 0 ? ['Rows by key:', ...byKey] : ['There is no row to encrypt.']),
    ...(done ? [] : [left]),
  ].join('\n')
}
