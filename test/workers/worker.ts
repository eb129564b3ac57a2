/**
 * The Worker of the tests. It has two classes of Durable Objects: a bare outbox, and the relay's own object.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import type { OutboxOptions } from '../../relay/outbox/options.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import type { LeadOutbox } from '../../relay/runtime/cloudflare/lead-outbox.ts'
import { WORKERD_CRYPTO } from '../../relay/runtime/cloudflare/outbox-crypto.ts'
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

  outbox(options: Omit<OutboxOptions, 'crypto'>): Promise<Outbox> {
    return createSqliteOutbox(this.sql, { ...options, crypto: WORKERD_CRYPTO })
  }
}
