/**
 * Opens the outbox of a folder. A damaged file is quarantined and a new one is created, so that forms go on working. Any
 * other file that cannot be used is left as it is.
 */
import { dirname } from 'node:path'
import { setImmediate as otherWork } from 'node:timers/promises'
import { FIRST_ACCOUNT } from '../../account-name.ts'
import type { ReusedId } from '../../outbox/content-key.ts'
import type { HealthIssue } from '../../monitoring/health.ts'
import type { BatchKeys } from '../../outbox/batch-planner.ts'
import type { Limits } from '../../outbox/limits/limits.ts'
import { createMoveJob } from '../../outbox/move-job.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { DataKeys } from '../../outbox/sealing/sealing.ts'
import { DataKeyError } from '../../outbox/sealing/text-cipher.ts'
import { createSqliteOutbox } from '../../outbox/sqlite/outbox.ts'
import { findCorruption, listQuarantined, quarantine } from './corruption.ts'
import { observeFiles, withDurabilityChecks } from './durability-checks.ts'
import { listMissing, openAcceptedRecord, reportMissing, type LeadsMissing } from './accepted-record.ts'
import { fileIssues } from './file-issues.ts'
import { createLogEmptier } from './log-emptier.ts'
import { OUTBOX_OPTIONS } from './outbox-crypto.ts'
import { createQuarantineList } from './quarantined-leads.ts'
import { openSqlite, type SqliteFile } from './sqlite-file.ts'
import { LEADS_BY_ACCOUNT, strandedIssues, type AccountLeads } from './stranded-leads.ts'
import { corruptionIn, describeError, StorageError } from './storage-errors.ts'

/** The outbox was damaged. The leads that waited in it are not sent until an operator recovers them. */
export interface Quarantined {
  event: 'quarantined'
  /** Path of the damaged file after it was moved. */
  file: string
  /** Description of the corruption. */
  found: string
  /** Steps to recover the leads. */
  advice: string
}

export interface OpenOutbox {
  sql: SqliteFile
  /** The outbox of the account without a name. */
  outbox: Outbox
  /** The outboxes of all accounts, by name. */
  accounts: ReadonlyMap<string, Outbox>
  /** Returns the part of `/readyz` that names quarantined files. Reads the folder each time. */
  notices: () => { damaged?: string[] }
  /** Returns the health issues of the files. */
  issues: () => HealthIssue[]
  /** Ends the work in the background. Call it before the file is closed. */
  stop: () => Promise<void>
}

/** Settings of the outbox of one account in the file. */
interface FileAccount {
  limits: Limits
  /** Rules of the transport for sharing calls. Those of SOAP by default. */
  batchKeys?: BatchKeys
  /** Endpoint, user id and keys as one text; see `resume` in the port. */
  credentials?: string | undefined
}

/** Settings, with those of the account without a name. */
export interface OutboxOptions extends FileAccount {
  /** Settings of further accounts, by name. */
  further?: ReadonlyMap<string, FileAccount>
  /** Keys that encrypt what is stored of a person. */
  dataKeys?: DataKeys | undefined
  /** Returns epoch milliseconds. */
  now: () => number
  /** Called when a damaged outbox was quarantined, before a new one is created. */
  onQuarantine: (event: Quarantined) => void
  /** Called once a lead was stored under another id than its own. */
  onReusedId?: (reused: ReusedId) => void
  /** Called when leads that an earlier process accepted are no longer in the outbox. */
  onMissing: (event: LeadsMissing) => void
  /** Called when the log could not be emptied because of an error. */
  onLogError: (error: unknown) => void
}

/**
 * Opens the outbox at `path` and resumes the work of the previous process. The caller must have locked the folder: a file
 * that another process has open must not be quarantined.
 *
 * @throws if the file cannot be used; it was left as it was, and the message says what to do
 */
export async function openOutbox(
  path: string,
  { further = new Map(), dataKeys, now, onQuarantine, onReusedId, onMissing, onLogError, ...first }: OutboxOptions,
): Promise<OpenOutbox> {
  const accounts = new Map([[FIRST_ACCOUNT, first], ...further])
  const keysOf = (settings?: FileAccount) => settings && (settings.batchKeys ?? OUTBOX_OPTIONS.batchKeys)
  const options = {
    ...OUTBOX_OPTIONS,
    dataKeys,
    ...(onReusedId && { onReusedId }),
    moveJob: createMoveJob((account) => keysOf(accounts.get(account))),
  }

  const openAndResume = async () => {
    const sql = openSqlite(path)
    const log = createLogEmptier({ path, sql, now, onError: onLogError })
    const transaction: SqliteFile['transaction'] = (work) => {
      const result = sql.transaction(work)
      log.written()
      return result
    }
    try {
      const outboxes = new Map<string, Outbox>()
      for (const [account, { limits, credentials, ...rest }] of accounts) {
        const database = { run: sql.run, write: sql.write, transaction }
        const outbox = await createSqliteOutbox(database, { ...options, ...rest, limits, account })
        await outbox.resume(now(), credentials)
        outboxes.set(account, outbox)
      }
      return { sql, outboxes, log }
    } catch (cause) {
      await log.stop()
      sql.close()
      const rest =
        cause instanceof StorageError || cause instanceof DataKeyError
          ? '.'
          : ': keep it, since it may hold leads, and use another folder.'
      throw new Error(`${path} cannot be used: ${describeError(cause)} It was left as it is${rest}`, { cause })
    }
  }

  const found = findCorruption(path)
  let isNew = found !== undefined
  if (found !== undefined) onQuarantine(moveAway(path, found, now()))
  const { sql, outboxes, log } = await openAndResume().catch((error: unknown) => {
    // Corruption of an index shows only when the index is used.
    const late = corruptionIn((error as Error).cause)
    if (late === undefined) throw error
    isNew = true
    onQuarantine(moveAway(path, late, now()))
    return openAndResume()
  })
  const countAccepted = () =>
    sql.run<{ accepted: number }>('SELECT coalesce(sum(accepted_total), 0) AS accepted FROM counter')[0]!.accepted
  const record = openAcceptedRecord(path)
  const [recorded = 0, accepted] = [record.read(), countAccepted()]
  // The leads of a quarantined outbox are reported as such.
  if (recorded > accepted && !isNew) onMissing(reportMissing(path, recorded, accepted, now()))
  record.write(accepted)

  const quarantined = createQuarantineList(path)
  const files = observeFiles(dirname(path), [path, `${path}-wal`])
  const checked = (outbox: Outbox): Outbox => {
    const add = withDurabilityChecks(outbox, files)
    return {
      ...outbox,
      async add(leads, dueAt) {
        await add(leads, dueAt)
        if (leads.length > 0) record.write(countAccepted())
      },
      // Other requests are served between two steps.
      async survey(...args) {
        await otherWork()
        return outbox.survey(...args)
      },
      async discard(...args) {
        await otherWork()
        return outbox.discard(...args)
      },
    }
  }
  const open = new Map(Array.from(outboxes, ([account, outbox]) => [account, checked(outbox)]))
  return {
    sql: {
      ...sql,
      close() {
        sql.close()
        record.close()
      },
    },
    outbox: open.get(FIRST_ACCOUNT)!,
    accounts: open,
    notices() {
      const damaged = listQuarantined(path)
      return damaged.length > 0 ? { damaged } : {}
    },
    issues: () => [
      ...fileIssues(path, { quarantined: quarantined(), missing: listMissing(path), kept: log.kept() }, now()),
      ...strandedIssues(sql.run<AccountLeads>(LEADS_BY_ACCOUNT), (account) => accounts.has(account)),
    ],
    stop: log.stop,
  }
}

function moveAway(path: string, found: string, at: number): Quarantined {
  let file
  try {
    file = quarantine(path, at)
  } catch (cause) {
    throw new Error(`${path} is damaged (${found}) and cannot be quarantined: ${describeError(cause)}`, { cause })
  }
  const advice = file.endsWith('.wal')
    ? 'If you have the database file that belongs to this log, put the log beside it, named <database file>-wal. Do not open the log without its database: SQLite deletes it.'
    : `Recover the readable leads: sqlite3 ${file} .recover. docs/deploy.md, "When the disk fails", explains how to send them. Then move the file to another folder.`
  return { event: 'quarantined', file, found, advice }
}
