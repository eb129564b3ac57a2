/** Runs the relay locally in workerd, as on Cloudflare, with `wrangler.jsonc` and the given variables. */
import { join } from 'node:path'
import { unstable_startWorker } from 'wrangler'
import { buildWorker } from './build-worker.ts'

const ROOT = join(import.meta.dirname, '..')

export interface EdgeOptions {
  /** Variables of the relay. `FORM_SYNC_FORMS` contains the forms file as text. */
  env: Record<string, string>
  /** Folder for the storage of the Durable Object. */
  data: string
  /** 0 selects a free port. */
  port: number
  /** Path of the Worker's script, when it is built already. */
  script?: string
  /** Prints the relay's log too, not only what fails. */
  log?: boolean
}

/** Starts the relay. Resolves when it accepts requests. */
export async function serveEdge({
  env,
  data,
  port,
  script,
  log = false,
}: EdgeOptions): Promise<{ url: string; close(): Promise<void> }> {
  // The demo contacts no other host: no usage metrics, no sample of Cloudflare's request data.
  process.env.WRANGLER_SEND_METRICS = 'false'
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false'
  // `wrangler.jsonc` has variables of REST, too.
  const transport = 'MARKETO_SOAP_ENDPOINT' in env ? 'soap' : 'rest'
  const worker = await unstable_startWorker({
    config: join(ROOT, 'wrangler.jsonc'),
    entrypoint: script ?? (await buildWorker(join(data, 'script'))),
    // The command of the configuration would build it once more.
    build: { custom: { command: '' } },
    bindings: Object.fromEntries(
      Object.entries({ MARKETO_TRANSPORT: transport, ...env }).map(([name, value]) => [
        name,
        { type: 'plain_text' as const, value },
      ]),
    ),
    dev: {
      server: { hostname: '127.0.0.1', port },
      inspector: false,
      watch: false,
      logLevel: log ? 'log' : 'error',
      persist: data,
    },
  })
  await worker.ready
  const { port: listening } = await worker.url
  return { url: `http://localhost:${listening}`, close: () => worker.dispose() }
}
