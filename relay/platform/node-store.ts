/**
 * Where a relay on Node keeps its leads: a file of its own. It opens and closes, and decides nothing else.
 */
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { createSteadyClock } from './node-clock.ts'
import { holdFolder } from './node-lock.ts'
import { openOutbox } from './node-outbox.ts'

export interface Store {
  outbox: Outbox
  /** The clock that the outbox goes by: epoch milliseconds. */
  now: () => number
  /** Another process may write to it too: it is looked at again after so many milliseconds. */
  poll: number
  /** Called when nothing waits. */
  idle(): void
  /** What the operator should know of the store though it works, for `/readyz`. */
  notices(): object
  close(): Promise<void>
}

/** `form-sync replay` writes to the file of a relay that runs. */
const POLL = 5_000

/** Opens it. Throws, and says what to do, when it cannot be used or another relay has it. */
export async function openStore(config: Pick<Config, 'limits'>, folder: string, tell: Log): Promise<Store> {
  const now = createSteadyClock()
  const held = holdFolder(folder)
  try {
    const { sql, outbox, notices } = await openOutbox(join(folder, 'outbox.sqlite'), {
      limits: config.limits,
      now,
      tell,
    })
    return {
      outbox,
      now,
      poll: POLL,
      // What was wiped goes from the log too.
      idle: () => sql.checkpoint(),
      notices,
      async close() {
        sql.close()
        held.release()
      },
    }
  } catch (error) {
    held.release()
    throw error
  }
}
