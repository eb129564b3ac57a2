/** Implements `form-sync simulator`: parses the options, runs the simulator until it is told to stop, returns an exit code. */
import { parseArgs } from 'node:util'
import { stopSignal } from '../../relay/runtime/node/stop-signal.ts'
import { ConfigFileError, readConfigFile } from './config-file.ts'
import { accountFrom, connectionLines, serveSimulator } from './serve.ts'

const HELP = `Usage: form-sync simulator [--port <number>] [--host <address>] [--data <folder>] [--strict]
       [--site <address>] [--name <host>] [--config <file>]

Simulates Marketo on this machine, for tests and demonstrations. Prints its address, where the journeys page is,
and the settings of its SOAP and its REST API.

Options, with the environment variable and the default of each:
  --port <number>    port; 0 picks a free one                    SIMULATOR_PORT, 8090
  --host <address>   address to listen on                        SIMULATOR_HOST, 127.0.0.1 (this machine only)
  --data <folder>    store people and calls in this folder       SIMULATOR_DATA, nothing is stored
  --strict           reject SOAP messages that break the schema  off
  --site <address>   site whose visits arrive here, for a link   no link
  --name <host>      name in the public DNS by which it is called; may be repeated
  --config <file>    fields, lists, campaigns, people, workspaces and forms: JSON with comments

Account:
  SIMULATOR_USER_ID, SIMULATOR_SECRET_KEY            of the SOAP API
  SIMULATOR_CLIENT_ID, SIMULATOR_CLIENT_SECRET       of the REST API
  SIMULATOR_MUNCHKIN_ID

Exit codes: 0 stopped by a signal, 1 failed, 2 invalid options or configuration file.`

/** Runs the command and resolves with its exit code. */
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
        name: { type: 'string', multiple: true, default: [] },
        config: { type: 'string', default: '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return rejectOptions(`${(error as Error).message}\n\n${HELP}`)
  }
  const { port, host, data, strict, site, name: names, config, help } = options
  if (help) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return rejectOptions(`--port must be a whole number from 0 to 65535, not "${port}"`)
  }
  if (site !== '' && !URL.canParse(site)) {
    return rejectOptions(`--site must be a URL such as http://localhost:8080, not "${site}"`)
  }

  let configured
  try {
    configured = config === '' ? {} : readConfigFile(config)
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }

  const stopRequested = stopSignal(env)
  try {
    const account = accountFrom(env)
    const simulator = await serveSimulator({
      port: Number(port),
      host,
      ...configured,
      ...(strict && { strict }),
      account,
      names,
      ...(data !== '' && { data }),
      ...(site !== '' && { site }),
    })
    const settings = connectionLines(simulator.url, account).map((line) => `  ${line}\n`)
    process.stdout.write(`simulator ${simulator.url}\n${settings.join('')}`)
    await stopRequested
    await simulator.close()
    return 0
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
}

function rejectOptions(message: string): number {
  process.stderr.write(`form-sync simulator: ${message}\n`)
  return 2
}
