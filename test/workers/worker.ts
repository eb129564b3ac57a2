/**
 * The Worker that the tests run beside: objects whose SQLite holds an outbox and nothing around it, the relay's own
 * objects, and requests that add leads to one of those, together.
 */
import { DurableObject, env, waitUntil } from 'cloudflare:workers'
import type { Limits } from '../../relay/outbox/limits.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../relay/outbox/sql.ts'
import type { LeadOutbox } from '../../relay/platform/cloudflare.ts'
import { groupCalls } from '../../relay/platform/cloudflare-group.ts'
import { durableObjectSql } from '../../relay/platform/durable-object-sql.ts'
import { lead, T } from '../relay/outbox/leads.ts'

export { LeadOutbox } from '../../relay/platform/cloudflare.ts'

declare global {
  /** The runtime's types look here for the bindings of a Worker. */
  namespace Cloudflare {
    interface Env {
      OUTBOX: DurableObjectNamespace<OutboxObject>
      LEADS: DurableObjectNamespace<LeadOutbox>
    }
  }
}

export class OutboxObject extends DurableObject {
  readonly sql = durableObjectSql(this.ctx.storage)

  outbox(limits: Limits): Outbox {
    return createSqlOutbox(this.sql, limits)
  }
}

/** How often each object was called. */
const calls = new Map<string, number>()
const groups = new Map<string, ReturnType<typeof groupCalls>>()

function groupFor(name: string): ReturnType<typeof groupCalls> {
  const known = groups.get(name)
  if (known) return known
  const group = groupCalls((leads, dueAt) => {
    calls.set(name, (calls.get(name) ?? 0) + 1)
    return env.LEADS.get(env.LEADS.idFromName(name)).add([...leads], dueAt)
  }, waitUntil)
  groups.set(name, group)
  return group
}

// oxlint-disable-next-line import/no-default-export -- what a Worker is
export default {
  /** `POST /<object>/<id>` adds a lead; `GET /<object>` says how often the object was called. */
  async fetch(request) {
    const [, name = '', id = ''] = new URL(request.url).pathname.split('/')
    if (request.method === 'GET') return Response.json(calls.get(name) ?? 0)
    try {
      await groupFor(name)([lead(id)], T)
      return new Response(null, { status: 202 })
    } catch {
      return new Response(null, { status: 503 })
    }
  },
} satisfies ExportedHandler
