/**
 * The Worker that the tests run beside: objects whose SQLite holds an outbox and nothing around it, and the relay's own
 * objects.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import type { LeadOutbox } from '../../relay/runtime/cloudflare/worker.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'

export { LeadOutbox } from '../../relay/runtime/cloudflare/worker.ts'

declare global {
  /** The runtime's types look here for the bindings of a Worker. */
  namespace Cloudflare {
    interface Env {
      BARE: DurableObjectNamespace<OutboxObject>
      OUTBOX: DurableObjectNamespace<LeadOutbox>
    }
  }
}

export class OutboxObject extends DurableObject {
  readonly sql = durableObjectSql(this.ctx.storage)

  outbox(limits: Limits): Outbox {
    return createSqlOutbox(this.sql, limits)
  }
}
