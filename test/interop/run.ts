/**
 * `npm run test:interop`: runs each installed SOAP client of another language against the simulator in strict mode. The
 * client is generated from the WSDL, creates a lead, reads it, and must be rejected with a wrong key.
 *
 * Exit codes: 0 all installed clients passed, 1 a client failed or none is installed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEMO_ACCOUNT, serveSimulator } from '../../demo/simulator/serve.ts'
import { CLIENTS, NODE_CLIENT, type Client } from './clients.ts'

const { userId, secretKey } = DEMO_ACCOUNT
const lastName = `Zoë O'Brien & <Söhne> 😀`

const found: string[] = []
const failed: string[] = []
for (const client of CLIENTS) {
  const version = await client.find().catch(() => undefined)
  if (version === undefined) {
    report(client, `not installed; Debian packages: ${client.packages}`)
    continue
  }
  found.push(client.name)
  const problem = await test(client)
  if (problem !== undefined) failed.push(client.name)
  report(client, `${version.replaceAll('\n', ' ')}: ${problem ?? 'passed'}`)
}

const others = found.filter((name) => name !== NODE_CLIENT)
if (others.length === 0) process.stdout.write('No client of another language is installed.\n')
else process.stdout.write(`${found.length} clients tested, ${failed.length} failed\n`)
process.exitCode = others.length === 0 || failed.length > 0 ? 1 : 0

/** Runs one client. Returns a message if it fails. */
async function test(client: Client): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'interop-'))
  const simulator = await serveSimulator({ port: 0, strict: true })
  const endpoint = `${simulator.url}/soap/mktows/3_1`
  try {
    const printed = await client.run({ endpoint, userId, secretKey, email: 'zoe@acme.example', lastName }, folder)
    const leads = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as unknown[]
    if (leads.length !== 1) return `expected 1 lead, found ${leads.length}`
    return printed === `CREATED\n${lastName}\n20014` ? undefined : `unexpected output:\n${printed}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await simulator.close()
    await rm(folder, { recursive: true })
  }
}

function report({ name }: Client, text: string): void {
  process.stdout.write(`${name.padEnd(24)}${text}\n`)
}
