/** The Worker that the tests run beside: objects whose SQLite holds an outbox, and nothing around it. */
import { DurableObject } from 'cloudflare:workers'
import { createSqlOutbox } from '../../relay/outbox/sql.ts'
import { durableObjectSql } from '../../relay/platform/durable-object-sql.ts'

declare global {
  /** The runtime's types look here for the bindings of a Worker. */
  namespace Cloudflare {
    interface Env {
      OUTBOX: DurableObjectNamespace<OutboxObject>
    }
  }
}

export class OutboxObject extends DurableObject {
  readonly sql = durableObjectSql(this.ctx.storage)
  readonly outbox = createSqlOutbox(this.sql)
}
