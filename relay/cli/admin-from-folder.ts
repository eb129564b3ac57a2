/**
 * Opens the admin service on the SQLite file in a relay's folder on this machine. It does not lock the folder,
 * so that it works while the relay runs.
 *
 * It never creates, moves or upgrades a file. It leaves a damaged outbox to the relay.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import { FIRST_ACCOUNT } from '../account-name.ts'
import type { BatchKeys } from '../outbox/batch-planner.ts'
import { LIMITS } from '../outbox/limits/limits.ts'
import { createMoveJob } from '../outbox/move-job.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { createSqliteOutbox } from '../outbox/sqlite/outbox.ts'
import { listQuarantined } from '../runtime/node/corruption.ts'
import { batchKeysOf } from '../marketo/transport.ts'
import { OUTBOX_OPTIONS } from '../runtime/node/outbox-crypto.ts'
import type { SqliteFile } from '../runtime/node/sqlite-file.ts'
import { AdminError, failureOf, type OpenAdmin, type StoreOptions } from './admin-source.ts'
import { openFileIn } from './open-file.ts'
import { adminOfAccounts } from './stored-accounts.ts'

/** Due time of replayed leads and of a call at once, in epoch ms. The relay's clock may differ from this one; 0 is in the past for any clock. */
const REPLAY_DUE_AT_MS = 0

/**
 * Opens the outbox in the folder.
 *
 * @throws {AdminError} with what to do, if there is no outbox that can be used
 */
export async function adminFromFolder(
  folder: string,
  { forms, account, dataKeys, limitsOf = () => LIMITS }: StoreOptions,
): Promise<OpenAdmin> {
  const sql = openFileIn(folder)
  try {
    const open = async (name: string): Promise<Outbox> => {
      const moveJob = createMoveJob((other) => storedBatchKeys(sql, other))
      const options = { ...OUTBOX_OPTIONS, limits: limitsOf(name), account: name, moveJob, dataKeys, upgrade: false }
      const outbox = await createSqliteOutbox(sql, {
        ...options,
        batchKeys: storedBatchKeys(sql, name) ?? options.batchKeys,
      })
      return {
        ...outbox,
        replay: (ids, edit) => outbox.replay(ids, edit, REPLAY_DUE_AT_MS),
        discard: withPauses(outbox.discard),
      }
    }
    // Refuses tables of another version.
    await open(FIRST_ACCOUNT)
    const names = sql.run<{ account: string }>('SELECT account FROM control ORDER BY account').map((row) => row.account)
    const accounts = { names, open, now: Date.now, retryAt: REPLAY_DUE_AT_MS, forms }
    return {
      ...(await adminOfAccounts(accounts, account)),
      deliveryNote:
        'A running relay sends them within 5 seconds. If none is running, the next one to start sends them.',
      remainsNote: remainsOf(join(folder, 'outbox.sqlite')),
      close: () => sql.close(),
    }
  } catch (cause) {
    sql.close()
    throw cause instanceof AdminError ? cause : failureOf(cause)
  }
}

/** Tells where erased data may still be: in the log, in copies, and in outboxes that were moved aside. */
function remainsOf(path: string): string {
  const aside = listQuarantined(path)
  return [
    'A running relay empties its log within 15 seconds. Backups are yours to look after.',
    ...(aside.length > 0 ? [`Damaged outboxes that were moved aside are not searched: ${aside.join(', ')}.`] : []),
  ].join(' ')
}

/** Returns the method with a pause after each call, half as long as the call took, in which a running relay can write. */
function withPauses(discard: Outbox['discard']): Outbox['discard'] {
  return async (...args) => {
    const begun = performance.now()
    const step = await discard(...args)
    await wait((performance.now() - begun) / 2)
    return step
  }
}

/**
 * Returns the rules of the transport that the relay has stored for an account; undefined when the file has no such account.
 * They are read when a lead is replayed.
 */
function storedBatchKeys(sql: SqliteFile, account: string): BatchKeys | undefined {
  const stored = () => sql.run<{ transport: string }>('SELECT transport FROM control WHERE account = ?', account)[0]
  if (!hasTables(sql) || !stored()) return undefined
  return { ...OUTBOX_OPTIONS.batchKeys, batchKey: (lead) => batchKeysOf(stored()?.transport).batchKey(lead) }
}

/** Returns whether there are tables with accounts: those of older versions have none. */
function hasTables(sql: SqliteFile): boolean {
  return sql.run(`SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = 'control'`).length > 0
}
