/** The simulator as a program: `node demo/marketo/main.ts --port 8090`. */
import { parseArgs } from 'node:util'
import { accountFrom, serveSimulator } from './serve.ts'

const HELP = `Runs a Marketo on this machine, for tests and demonstrations.

  --port <port>  where to listen; 0 takes a free port (SIMULATOR_PORT, default 8090)
  --help         this text

SIMULATOR_USER_ID, SIMULATOR_SECRET_KEY and SIMULATOR_MUNCHKIN_ID name its one account.`

try {
  const { values } = parseArgs({ options: { port: { type: 'string' }, help: { type: 'boolean' } } })
  if (values.help) console.log(HELP)
  else await run(readPort(values.port ?? (process.env['SIMULATOR_PORT'] || '8090')))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run(port: number): Promise<void> {
  const simulator = await serveSimulator({ port, account: accountFrom(process.env) })
  console.log(`simulator ${simulator.url}`)
  const stop = (): void => {
    void simulator.close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new Error(`The port must be a whole number from 0 to 65535, not "${text}".`)
  return port
}
