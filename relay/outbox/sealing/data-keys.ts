/**
 * Seals what a store keeps of a person: leads, reasons, the reasons in histories, owed addresses and cookies, and the secret
 * of the digests, by which addresses could be guessed. Pure but for the cipher.
 *
 * Each text is bound to its table, column, account and lead, so that no two of them can be exchanged. The secret is stored
 * once for each key that rows may be sealed with: a start finds a missing key by it, and reads no row for that.
 */
import { parseHistory } from '../job-row.ts'
import type { DataKeys, SealedJob, SealedOwed, Sealing } from './sealing.ts'
import { DataKeyError, keyIdOf, type TextCipher } from './text-cipher.ts'

/** Where the secret of the digests is stored, for the cipher. */
const SECRET = 'meta.secret'

/** Creates the data keys of a cipher. The first key seals, and all of them open. */
export function createDataKeys(cipher: TextCipher): DataKeys {
  const first = cipher.keyIds[0]!
  return {
    openSecret(stored, register) {
      const ids = keyIdsOf(stored)
      expectKeys(cipher, ids)
      const secret = ids.length === 0 ? stored : cipher.open(stored.split(' ')[0]!, SECRET)
      if (!register)
        return {
          secret,
          sealing: createSealing(
            cipher,
            cipher.keyIds.find((id) => ids.includes(id)),
          ),
        }
      const sealing = createSealing(cipher, first)
      if (ids.includes(first)) return { secret, sealing }
      const own = cipher.seal(secret, SECRET, first)
      return { secret, sealing, changed: ids.length === 0 ? own : `${stored} ${own}` }
    },
  }
}

/** Returns the ids of the keys that a stored secret names. */
function keyIdsOf(storedSecret: string): string[] {
  return storedSecret.split(' ').flatMap((part) => keyIdOf(part) ?? [])
}

/** What a rotation of the data keys needs. */
export interface Rotation {
  /** Id of the first key; undefined where everything is to be decrypted. */
  keyId: string | undefined
  /** Opens with all keys, and seals with the first one. */
  sealing: Sealing
  /** The secret as it is stored once no row needs another key. */
  secret: string
}

/**
 * Starts a rotation to the first key.
 *
 * @param stored the secret as it is stored
 * @param decrypts whether everything is to be stored as without keys
 * @throws {DataKeyError} when a key is missing, or no relay was started with the first one
 */
export function rotate(cipher: TextCipher, stored: string, decrypts: boolean): Rotation {
  const [first] = cipher.keyIds
  const ids = keyIdsOf(stored)
  expectKeys(cipher, ids)
  // A relay without the key could not read what is sealed with it.
  if (!decrypts && !ids.includes(first!)) {
    throw new DataKeyError(
      `no relay was started with the data key ${first} yet. Start it with this FORM_SYNC_DATA_KEY, and then run the command again`,
    )
  }
  const secret = ids.length === 0 ? stored : cipher.open(stored.split(' ')[0]!, SECRET)
  const keyId = decrypts ? undefined : first
  return {
    keyId,
    sealing: createSealing(cipher, keyId),
    secret: keyId === undefined ? secret : cipher.seal(secret, SECRET, keyId),
  }
}

/** Returns whether the texts of a row as it is stored are those of one key; of none, where there is no key. */
export function isOfKey(row: Record<string, unknown>, keyId: string | undefined): boolean {
  const { lead, reason, email, cookie, history } = row
  const reasons = typeof history === 'string' ? parseHistory(history).map((each) => each.reason) : []
  return [lead, reason, email, cookie, ...reasons].every((text) => typeof text !== 'string' || keyIdOf(text) === keyId)
}

function expectKeys({ keyIds }: TextCipher, needed: readonly string[]): void {
  const missing = needed.filter((id) => !keyIds.includes(id))
  if (missing.length === 0) return
  const keys = `the data ${missing.length === 1 ? 'key' : 'keys'} ${missing.join(', ')}`
  throw new DataKeyError(
    `leads in the outbox are encrypted with ${keys}, and FORM_SYNC_DATA_KEY has only ${keyIds.join(', ')}. Add what is missing after a comma; all leads are kept as they are`,
  )
}

/** Creates what seals with the key of this id; without one, texts are stored as they are. */
function createSealing(cipher: TextCipher, keyId: string | undefined): Sealing {
  const seal = (text: string, context: string) => (keyId === undefined ? text : cipher.seal(text, context, keyId))
  const open = (text: string, context: string) => (keyIdOf(text) === undefined ? text : cipher.open(text, context))
  return {
    keyId,
    sealJob: (row, account) => mapJob(row, account, seal),
    sealOwed: (row, account) => mapOwed(row, account, seal),
    open<R extends Record<string, unknown>>(row: R, account: string): R {
      if ('lead' in row || 'reason' in row) return mapJob(row as unknown as SealedJob, account, open) as unknown as R
      return 'cookie' in row ? (mapOwed(row as unknown as SealedOwed, account, open) as unknown as R) : row
    },
  }
}

type MapText = (text: string, context: string) => string

function mapJob<R extends SealedJob>(row: R, account: string, map: MapText): R {
  const mapColumn = (column: 'lead' | 'reason') => {
    const text = row[column]
    return typeof text === 'string' ? { [column]: map(text, contextOf('job', column, account, row.id)) } : {}
  }
  return { ...row, ...mapColumn('lead'), ...mapColumn('reason'), ...mapHistory('job', row, account, map) }
}

function mapOwed<R extends SealedOwed>(row: R, account: string, map: MapText): R {
  const mapColumn = (column: 'email' | 'cookie') => map(row[column], contextOf('owed', column, account, row.id))
  return {
    ...row,
    email: mapColumn('email'),
    cookie: mapColumn('cookie'),
    ...mapHistory('owed', row, account, map),
  }
}

/** Maps the reasons in a history. Its numbers and times stay readable, for the statements that look for them. */
function mapHistory(
  table: 'job' | 'owed',
  { id, history }: { id: string; history?: string | undefined },
  account: string,
  map: MapText,
): { history?: string } {
  if (history === undefined || history === '[]') return {}
  const context = contextOf(table, 'history', account, id)
  return {
    history: JSON.stringify(parseHistory(history).map((each) => ({ ...each, reason: map(each.reason, context) }))),
  }
}

/** Returns where a text is stored, for the cipher. Names of accounts and of columns have no space. */
function contextOf(table: string, column: string, account: string, id: string): string {
  return `${table}.${column} ${account} ${id}`
}
