/**
 * The relay in workerd, as Cloudflare runs it, on this machine: `wrangler.jsonc`, with the demo's variables over it.
 */
import { join } from 'node:path'
import { unstable_startWorker } from 'wrangler'

export interface EdgeOptions {
  /** The relay's variables; `FORM_SYNC_FORMS` holds the forms themselves, as text. */
  env: Record<string, string>
  /** Where the Durable Object's storage is kept. */
  data: string
  /** 0 picks a free one. */
  port: number
}

/** Starts it, and resolves when it answers. */
export async function serveEdge({ env, data, port }: EdgeOptions): Promise<{ url: string; close(): Promise<void> }> {
  // Neither usage figures nor a sample of Cloudflare's request data: the demo asks no other host for anything.
  process.env.WRANGLER_SEND_METRICS = 'false'
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false'
  const worker = await unstable_startWorker({
    config: join(import.meta.dirname, '../wrangler.jsonc'),
    bindings: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, { type: 'plain_text' as const, value }]),
    ),
    dev: {
      server: { hostname: '127.0.0.1', port },
      inspector: false,
      watch: false,
      logLevel: 'error',
      persist: data,
    },
  })
  await worker.ready
  const { port: listening } = await worker.url
  return { url: `http://localhost:${listening}`, close: () => worker.dispose() }
}
