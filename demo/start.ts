/**
 * Runs the whole demo locally: a company's site, the relay, and the Marketo simulator.
 *
 * `npm start` runs the relay on Node, `npm run start:edge` in workerd, until SIGTERM or SIGINT, or until npm ends. It
 * reaches the simulator by SOAP, with `-- --rest` by REST. SITE_PORT, PORT and SIMULATOR_PORT set the ports; 0 selects a
 * free one. FORM_SYNC_DATA sets the folder for stored leads, by default data/demo.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'vite'
import { serve } from '../relay/runtime/node/serve.ts'
import { stopSignal } from '../relay/runtime/node/stop-signal.ts'
import { serveEdge } from './edge.ts'
import { demoForms } from './forms.ts'
import { accountFrom, connectionLines, serveSimulator } from './simulator/serve.ts'
import { serveSite } from './site/serve.ts'

const { edge, rest, built } = readOptions(process.argv.slice(2))
const ROOT = join(import.meta.dirname, '..')
const data = process.env.FORM_SYNC_DATA ?? join(ROOT, 'data/demo')
const account = accountFrom(process.env)
const stopped = stopSignal(process.env)

try {
  // Builds the scripts of the pages from the current sources. `--built` uses an existing build.
  if (!built) for (const mode of ['widget', 'journeys']) await build({ mode, logLevel: 'warn' })
  const sitePort = await choosePort('SITE_PORT', 8080)
  const siteUrl = `http://localhost:${sitePort}`
  const simulator = await serveSimulator({ port: await choosePort('SIMULATOR_PORT', 8090), site: siteUrl, account })
  const relay = await startRelay(siteUrl, simulator.url, await choosePort('PORT', 8787))
  const site = await serveSite({
    port: sitePort,
    relay: relay.url,
    journeys: simulator.url,
    munchkinId: account.munchkinId,
  })

  console.log(`
  The site        ${site.url}
  The relay       ${relay.url}   (${edge ? 'in workerd, ' : ''}by ${rest ? 'REST' : 'SOAP'})
  The journeys    ${simulator.url}

  Marketo's APIs, as the simulator has them:
${connectionLines(simulator.url, account)
  .map((line) => `    ${line}`)
  .join('\n')}

  Visit a few pages of the site and request a pilot: the journeys show how the visitor becomes known.
  Ctrl+C stops the demo.
`)
  await stopped
  await Promise.all([site.close(), relay.close()])
  await simulator.close()
  process.exit(0)
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

function startRelay(siteUrl: string, simulatorUrl: string, port: number) {
  const env = {
    ...(rest
      ? {
          MARKETO_REST_ENDPOINT: `${simulatorUrl}/rest`,
          MARKETO_CLIENT_ID: account.clientId,
          MARKETO_CLIENT_SECRET: account.clientSecret,
        }
      : {
          MARKETO_SOAP_ENDPOINT: `${simulatorUrl}/soap/mktows/3_1`,
          MARKETO_USER_ID: account.userId,
          MARKETO_SECRET_KEY: account.secretKey,
        }),
    MUNCHKIN_ID: account.munchkinId,
  }
  const forms = JSON.stringify(demoForms(siteUrl), null, 2)
  if (edge) return serveEdge({ env: { ...env, FORM_SYNC_FORMS: forms }, data: join(data, 'edge'), port })

  mkdirSync(data, { recursive: true })
  const file = join(data, 'forms.json')
  writeFileSync(file, forms)
  return serve({ env, forms: file, data, port, host: '127.0.0.1', log: () => {} })
}

/** Reads the options of the command line. Ends the process with a message when one is unknown. */
function readOptions(args: string[]): { edge: boolean; rest: boolean; built: boolean } {
  const unknown = args.find((arg) => !['--edge', '--rest', '--built'].includes(arg))
  if (unknown !== undefined) {
    console.error(
      `unknown option: ${unknown}; use --rest (reach the simulator by REST) or --built (use an existing build)`,
    )
    process.exit(2)
  }
  return { edge: args.includes('--edge'), rest: args.includes('--rest'), built: args.includes('--built') }
}

/**
 * Returns the port in the environment variable, or a free one. All ports are chosen before the first server starts,
 * because the servers need each other's addresses.
 */
function choosePort(variable: string, defaultPort: number): Promise<number> {
  const port = Number(process.env[variable] ?? defaultPort)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${variable} is not a port: "${process.env[variable]}". Set it to a number from 0 to 65535.`)
  }
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', () =>
      reject(new Error(`Port ${port} is in use. Set ${variable} to another port, or to 0 for a free one.`)),
    )
    probe.listen(port, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo
      probe.close(() => resolve(free))
    })
  })
}
