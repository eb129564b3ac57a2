/**
 * The whole story on this machine: a company's site, the relay, and a Marketo to watch it arrive in.
 *
 * `npm start` runs the relay on Node, `npm run start:edge` in workerd; the site and the simulator are the same.
 * Ports by SITE_PORT, PORT and SIMULATOR_PORT; 0 picks a free one. What waits is kept in FORM_SYNC_DATA, else data/demo.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'vite'
import { serve } from '../relay/runtime/node/serve.ts'
import { serveEdge } from './edge.ts'
import { demoForms } from './forms.ts'
import { accountFrom, serveSimulator } from './simulator/serve.ts'
import { serveSite } from './site/serve.ts'

const edge = process.argv.includes('--edge')
const ROOT = join(import.meta.dirname, '..')
const data = process.env.FORM_SYNC_DATA ?? join(ROOT, 'data/demo')
const account = accountFrom(process.env)

try {
  // What a visitor loads is built from what stands here now; `--built` takes what was built before.
  if (!process.argv.includes('--built'))
    for (const mode of ['widget', 'journeys']) await build({ mode, logLevel: 'warn' })
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
  The relay       ${relay.url}${edge ? '   (in workerd)' : ''}
  The journeys    ${simulator.url}

  Look at a few pages of the site, request a pilot, and watch the visitor become known. Ctrl+C ends it.
`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void Promise.all([site.close(), relay.close()])
        .then(() => simulator.close())
        .then(() => process.exit(0))
    })
  }
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

function startRelay(siteUrl: string, simulatorUrl: string, port: number) {
  const env = {
    MARKETO_SOAP_ENDPOINT: `${simulatorUrl}/soap/mktows/3_1`,
    MARKETO_USER_ID: account.userId,
    MARKETO_SECRET_KEY: account.secretKey,
    MUNCHKIN_ID: account.munchkinId,
  }
  const forms = JSON.stringify(demoForms(siteUrl), null, 2)
  if (edge) return serveEdge({ env: { ...env, FORM_SYNC_FORMS: forms }, data: join(data, 'edge'), port })

  mkdirSync(data, { recursive: true })
  const file = join(data, 'forms.json')
  writeFileSync(file, forms)
  return serve({ env, forms: file, data, port, host: '127.0.0.1', log: () => {} })
}

/** A port that is free now: the pages name each other's addresses, so all are known before the first listens. */
function choosePort(variable: string, otherwise: number): Promise<number> {
  const wanted = Number(process.env[variable] ?? otherwise)
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new Error(`${variable} takes a port from 0 to 65535, not "${process.env[variable]}"`)
  }
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', () => reject(new Error(`Port ${wanted} is taken; ${variable}=0 picks a free one.`)))
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
