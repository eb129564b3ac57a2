/** The Worker of the tests: objects that have an outbox and nothing else, and the relay's own objects. */
import { DurableObject } from 'cloudflare:workers'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqliteOutbox, type SqliteOutboxOptions } from '../../relay/outbox/sqlite/outbox.ts'
import { WORKERD_CRYPTO } from '../../relay/runtime/cloudflare/outbox-crypto.ts'
import type { LeadOutbox } from '../../relay/runtime/cloudflare/worker.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'

export { LeadOutbox } from '../../relay/runtime/cloudflare/worker.ts'

declare global {
  /** Bindings of the Worker, where the types of the runtime expect them. */
  namespace Cloudflare {
    interface Env {
      BARE: DurableObjectNamespace<OutboxObject>
      OUTBOX: DurableObjectNamespace<LeadOutbox>
    }
  }
}

export class OutboxObject extends DurableObject {
  readonly sql = durableObjectSql(this.ctx.storage)

  /** Opens the outbox in the storage of the object. */
  openOutbox(settings: Omit<SqliteOutboxOptions, 'crypto'>): Promise<Outbox> {
    return createSqliteOutbox(this.sql, { ...settings, crypto: WORKERD_CRYPTO })
  }
}
