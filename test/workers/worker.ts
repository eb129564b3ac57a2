/**
 * The Worker of the tests. It has two classes of Durable Objects: a bare outbox, and the relay's own object.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import type { LeadOutbox } from '../../relay/runtime/cloudflare/lead-outbox.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'

export { LeadOutbox } from '../../relay/runtime/cloudflare/lead-outbox.ts'

declare global {
  /** The runtime's types read the Worker's bindings from here. */
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
