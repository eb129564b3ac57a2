/** `form-sync serve`: the relay on Node, until SIGTERM or SIGINT. */
import { parseArgs } from 'node:util'
import { ConfigError } from '../config/config.ts'
import { serve } from '../runtime/node/serve.ts'

const HELP = `Usage: form-sync serve [--forms <file>] [--data <folder>] [--port <number>]
                       [--host <address>]

Runs the relay until it is told to end (SIGTERM, Ctrl+C): it then takes nothing
new and finishes what is in flight.

  --forms <file>     the forms                FORM_SYNC_FORMS, else ./forms.json
  --data <folder>    where leads are kept     FORM_SYNC_DATA, else ./data
  --port <number>    0 picks a free one       PORT, else 8787
  --host <address>   listen here alone        HOST, else every address

By environment alone, as docs/deploy.md explains:
  where Marketo is   MARKETO_SOAP_ENDPOINT, MARKETO_USER_ID, MARKETO_SECRET_KEY,
                     MARKETO_NEXT_SECRET_KEY, MUNCHKIN_ID
  how it is called   MARKETO_CALLS_PER_20S, MARKETO_CONCURRENCY,
                     MARKETO_CALLS_PER_DAY, MARKETO_LEADS_PER_CALL,
                     MARKETO_TIMEOUT
  where leads wait   FORM_SYNC_DATABASE, FORM_SYNC_RECEIPT_DAYS, and
                     FORM_SYNC_SHARDS on Cloudflare
  who else may call  FORM_SYNC_API_KEYS, FORM_SYNC_CONSOLE_TOKEN

Exit codes: 0 ended when told to, 1 it could not go on, 2 the options or the
configuration are wrong.`

/** Runs the command and resolves with its exit code when it has ended. */
export async function serveCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parseArgs({
      args: words,
      options: {
        forms: { type: 'string', default: env.FORM_SYNC_FORMS || 'forms.json' },
        data: { type: 'string', default: env.FORM_SYNC_DATA || 'data' },
        port: { type: 'string', default: env.PORT || '8787' },
        host: { type: 'string', ...(env.HOST && { default: env.HOST }) },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    console.error(`form-sync serve: ${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  const { forms, data, port, host, help } = options
  if (help) {
    console.log(HELP)
    return 0
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    console.error(`form-sync serve: "${port}" is not a port; it takes a number from 0 to 65535`)
    return 2
  }

  // Asked for before anything listens, so that no moment is left in which a signal kills.
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  try {
    const serving = await serve({ env, forms, data, port: Number(port), ...(host && { host }) })
    console.error(`form-sync: the relay listens at ${serving.url}`)
    await told
    console.error('form-sync: ending; what is in flight is finished first')
    await serving.close()
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return error instanceof ConfigError ? 2 : 1
  }
}
