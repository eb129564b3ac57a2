/** The options of an outbox, the same for every database. */
import type { BatchKeys } from './batch-planner.ts'
import type { Limits } from './limits/limits.ts'
import type { OutboxCrypto } from './person-keys.ts'

export interface OutboxOptions {
  /** Rules of the transport for sharing calls. */
  batchKeys: BatchKeys
  crypto: OutboxCrypto
  /** Limits of the account; the same on all nodes that share a database. */
  limits?: Limits
  /** Name of the Marketo account. */
  account?: string
  /** False to refuse tables of an older version instead of upgrading them. */
  upgrade?: boolean
}

/** Jobs whose batch keys are computed again in one transaction. */
export const REKEYED_JOBS = 10_000
