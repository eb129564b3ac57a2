/** Runs `form-sync serve`: the relay on Node, until SIGTERM or SIGINT, or until the `npm run` that started it ends. */
import { ConfigError } from '../config/config.ts'
import { serve } from '../runtime/node/serve.ts'
import { stopSignal } from '../runtime/node/stop-signal.ts'
import { listenProblem } from './listen-problem.ts'
import { parseOptions, usageError } from './parse-options.ts'

const HELP = `Usage: form-sync serve [options]

Runs the relay until it receives SIGTERM or SIGINT (Ctrl+C). Then it accepts no
new requests, finishes the requests and calls in progress, and exits. Started by
"npm run", it also stops when npm ends.

Options, each with the variable that it overrides:
  --forms <file>        Forms file. FORM_SYNC_FORMS, default: forms.json
  --data <folder>       Folder for the leads. FORM_SYNC_DATA, default: data
  --port <number>       Port, 0 for a free one. PORT, default: 8787
  --host <address>      Address to listen on. HOST, default: all addresses
  -h, --help            Show this help

Environment variables, described in docs/deploy.md:
  Marketo account       MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID,
                        MARKETO_CLIENT_SECRET, MUNCHKIN_ID,
                        MARKETO_COOKIE_PREFIX
    with SOAP           MARKETO_SOAP_ENDPOINT, MARKETO_USER_ID,
                        MARKETO_SECRET_KEY, MARKETO_NEXT_SECRET_KEY
    with both           MARKETO_TRANSPORT
    further accounts    the same with a name: MARKETO_SANDBOX_CLIENT_ID
  Limits for calls      MARKETO_CALLS_PER_20S, MARKETO_CONCURRENCY,
                        MARKETO_CALLS_PER_DAY, MARKETO_LEADS_PER_CALL,
                        MARKETO_TIMEOUT, MARKETO_WEAK_SHARE,
                        MARKETO_SERVER_SHARE
  Storage of leads      FORM_SYNC_DATABASE, FORM_SYNC_DATA_KEY,
                        FORM_SYNC_RECEIPT_DAYS, FORM_SYNC_PARKED_DAYS;
                        on Cloudflare also FORM_SYNC_SHARDS
  Address of visitors   FORM_SYNC_TRUSTED_PROXIES
  Robots                FORM_SYNC_TICKET_KEY, FORM_SYNC_TURNSTILE_SECRET,
                        FORM_SYNC_HCAPTCHA_SECRET, FORM_SYNC_RECAPTCHA_SECRET,
                        FORM_SYNC_TEST_RULES
  Floods                FORM_SYNC_MAX_WAITING, FORM_SYNC_MAX_WAITING_PER_SOURCE,
                        FORM_SYNC_POSTS_PER_MINUTE, FORM_SYNC_DISK_RESERVE_MB,
                        FORM_SYNC_MAX_CONNECTIONS
  Keys for callers      FORM_SYNC_API_KEYS, FORM_SYNC_CONSOLE_TOKEN,
                        FORM_SYNC_OPERATORS
  Alerts                FORM_SYNC_ALERT_URL, FORM_SYNC_ALERT_SECRET,
                        FORM_SYNC_HEARTBEAT_URL

Examples:
  form-sync serve
  form-sync serve --port 8787 --data /var/lib/form-sync

Exit codes:
  0  The relay was stopped by a signal
  1  The relay failed to start or to stop
  2  The options or the configuration are wrong`

/** Runs the command. Resolves with its exit code when the relay has stopped. */
export async function serveCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parseOptions({
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
    return usageError('serve', (error as Error).message)
  }
  const { forms, data, port, host, help } = options
  if (help) {
    console.log(HELP)
    return 0
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return usageError('serve', `the port must be a whole number from 0 to 65535, not "${port}"`)
  }

  const stopped = stopSignal(env)
  try {
    const serving = await serve({ env, forms, data, port: Number(port), ...(host && { host }) })
    console.error(`form-sync: the relay listens at ${serving.url}`)
    await stopped
    console.error('form-sync: stopping; requests and calls in progress are finished first')
    await serving.close()
    return 0
  } catch (error) {
    console.error(listenProblem(error, Number(port)))
    return error instanceof ConfigError ? 2 : 1
  }
}
