/** `form-sync simulator`: a Marketo on this machine, until SIGTERM or SIGINT. */
import { parseArgs } from 'node:util'
import { accountFrom, serveSimulator } from './serve.ts'

const HELP = `Usage: form-sync simulator [--port <number>] [--host <address>] [--data <folder>] [--strict] [--site <address>]

Runs a Marketo on this machine, for tests and demonstrations. Its page is at the address that it prints.

  --port <number>    0 picks a free one                          SIMULATOR_PORT, else 8090
  --host <address>   listen there; others may then call it       SIMULATOR_HOST, else this machine alone
  --data <folder>    keep people and calls over a restart        SIMULATOR_DATA, else nothing is kept
  --strict           refuse what is not exactly the schema
  --site <address>   the site whose visits arrive here; the page links to it

Its one account, by environment alone:
  SIMULATOR_USER_ID, SIMULATOR_SECRET_KEY, SIMULATOR_MUNCHKIN_ID

Exit codes: 0 ended when told to, 1 it could not go on, 2 the options are wrong.`

/** Runs the command and resolves with its exit code when it has ended. */
export async function simulatorCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options
  try {
    options = parseArgs({
      args: words,
      options: {
        port: { type: 'string', default: env['SIMULATOR_PORT'] || '8090' },
        host: { type: 'string', default: env['SIMULATOR_HOST'] || '127.0.0.1' },
        data: { type: 'string', default: env['SIMULATOR_DATA'] || '' },
        strict: { type: 'boolean', default: false },
        site: { type: 'string', default: '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${HELP}`)
  }
  const { port, host, data, strict, site, help } = options
  if (help) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return refuse(`the port must be a whole number from 0 to 65535, not "${port}"`)
  }
  if (site !== '' && !URL.canParse(site)) return refuse(`the site must be an address, not "${site}"`)

  // Asked for before anything listens, so that no moment is left in which a signal kills.
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  try {
    const simulator = await serveSimulator({
      port: Number(port),
      host,
      strict,
      account: accountFrom(env),
      ...(data !== '' && { data }),
      ...(site !== '' && { site }),
    })
    process.stdout.write(`simulator ${simulator.url}\n`)
    await told
    await simulator.close()
    return 0
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
}

function refuse(message: string): number {
  process.stderr.write(`form-sync simulator: ${message}\n`)
  return 2
}
