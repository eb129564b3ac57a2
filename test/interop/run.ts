/**
 * `npm run test:interop`: every SOAP client of another language that is on this machine generates itself from the
 * simulator's WSDL, creates a lead, reads it back, and is refused with another key. The simulator is in its strict mode.
 *
 * Exit codes: 0 all that were found did it, 1 one did not, or there was none.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEMO_ACCOUNT, serveSimulator } from '../../demo/simulator/serve.ts'
import { CLIENTS, OURS, type Client } from './clients.ts'

const { userId, secretKey } = DEMO_ACCOUNT
const lastName = `Zoë O'Brien & <Söhne> 😀`

const found: string[] = []
const failed: string[] = []
for (const client of CLIENTS) {
  const version = await client.find().catch(() => undefined)
  if (version === undefined) {
    say(client, `not here; Debian has it in ${client.packages}`)
    continue
  }
  found.push(client.name)
  const problem = await problemOf(client)
  if (problem !== undefined) failed.push(client.name)
  say(client, `${version.replaceAll('\n', ' ')}: ${problem ?? 'created, read back, refused'}`)
}

const others = found.filter((name) => name !== OURS)
if (others.length === 0) process.stdout.write('No client of another language was found.\n')
else process.stdout.write(`${found.length} found and run, ${failed.length} failed\n`)
process.exitCode = others.length === 0 || failed.length > 0 ? 1 : 0

/** Undefined when all went well. */
async function problemOf(client: Client): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'interop-'))
  const simulator = await serveSimulator({ port: 0, strict: true })
  const endpoint = `${simulator.url}/soap/mktows/3_1`
  try {
    const printed = await client.run({ endpoint, userId, secretKey, email: 'zoe@acme.example', lastName }, folder)
    const leads = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as unknown[]
    if (leads.length !== 1) return `there are ${leads.length} leads instead of one`
    return printed === `CREATED\n${lastName}\n20014` ? undefined : `it printed\n${printed}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await simulator.close()
    await rm(folder, { recursive: true })
  }
}

function say({ name }: Client, what: string): void {
  process.stdout.write(`${name.padEnd(24)}${what}\n`)
}
