/**
 * The servers of the bench "accept" in workerd, one a process: the variable `KIND` says which.
 *
 * The relays are made of the product's own parts; they differ in what `add` does. The object has no account, so it keeps
 * leads, sets its alarm and delivers nothing.
 */
import { waitUntil } from 'cloudflare:workers'
import { Hono } from 'hono'
import { createApp } from '../../../relay/app.ts'
import { readConfig } from '../../../relay/config.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { groupCalls } from '../../../relay/platform/cloudflare-group.ts'
import type { LeadOutbox } from '../../../relay/platform/cloudflare.ts'
import { FORMS, PATH, VARIABLES } from '../../bench/accept/form.ts'

export { LeadOutbox } from '../../../relay/platform/cloudflare.ts'

interface Env {
  KIND: string
  OUTBOX: DurableObjectNamespace<LeadOutbox>
}

type Fetch = (request: Request) => Response | Promise<Response>
type Store = Pick<Outbox, 'add' | 'status'>

function relay(outbox: Store): Fetch {
  const app = createApp({
    config: readConfig(VARIABLES, FORMS),
    outbox,
    wake: () => {},
    now: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    // oxlint-disable-next-line no-console -- the Worker's log, as the product writes it
    log: (event) => console.log(JSON.stringify({ at: new Date().toISOString(), ...event })),
  })
  return (request) => app.fetch(request)
}

/** The object, called once for each lead. */
function called(env: Env): Store {
  const name = env.OUTBOX.idFromName('outbox')
  const object = () => env.OUTBOX.get(name)
  return {
    add: (leads, dueAt) => object().add([...leads], dueAt),
    status: (now) => object().status(now),
  }
}

function grouped({ add, status }: Store): Store {
  return { add: groupCalls(add, waitUntil), status }
}

const FETCHES: Record<string, (env: Env) => Fetch> = {
  json: () => new Hono().post(PATH, async (c) => c.json(await c.req.json())).fetch,
  form: () =>
    new Hono().post(PATH, async (c) => c.json(Object.fromEntries(new URLSearchParams(await c.req.text())))).fetch,
  free: () => relay({ add: async () => {}, status: () => Promise.reject(new Error('nothing is kept')) }),
  single: (env) => relay(called(env)),
  relay: (env) => relay(grouped(called(env))),
}

let fetch: Fetch | undefined

// oxlint-disable-next-line import/no-default-export -- what a Worker is
export default {
  fetch(request, env) {
    fetch ??= FETCHES[env.KIND]?.(env)
    return fetch?.(request) ?? new Response(`there is no server "${env.KIND}"`, { status: 500 })
  },
} satisfies ExportedHandler<Env>
