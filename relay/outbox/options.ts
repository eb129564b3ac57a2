/** The options of an outbox and the rules of opening one, the same for every database. */
import type { BatchKeys } from './batch-planner.ts'
import type { ReusedId } from './content-key.ts'
import type { Limits } from './limits/limits.ts'
import type { MoveJob } from './move-job.ts'
import type { OutboxCrypto } from './person-keys.ts'
import type { DataKeys } from './sealing/sealing.ts'

export interface OutboxOptions {
  /** Rules of the transport for sharing calls. */
  batchKeys: BatchKeys
  crypto: OutboxCrypto
  /** Keys that encrypt what is stored of a person. Without them it is stored as it is. */
  dataKeys?: DataKeys | undefined
  /** Limits of the account; the same on all nodes that share a database. */
  limits?: Limits
  /** Name of the Marketo account. */
  account?: string
  /** Moves jobs that are replayed to other accounts of the same database. Without it none is moved. */
  moveJob?: MoveJob
  /** Called once a lead was stored under another id than its own. */
  onReusedId?: (reused: ReusedId) => void
  /** False to refuse tables of an older version instead of upgrading them. */
  upgrade?: boolean
}

/** Rows that are read at once in an upgrade. */
export const UPGRADED_ROWS = 1_000

/** Jobs whose batch keys are computed again in one transaction. */
export const REKEYED_JOBS = 10_000

/** @throws when tables have a newer version than this program knows, or an older one that it is not to upgrade */
export function checkVersion(found: number, known: number, upgrade: boolean): void {
  const tables = `the outbox has version ${found}, and this form-sync works with version ${known}`
  if (found > known) throw new Error(`${tables}: run a newer form-sync`)
  if (found < known && !upgrade) throw new Error(`${tables}: start its relay once, which upgrades it`)
}
