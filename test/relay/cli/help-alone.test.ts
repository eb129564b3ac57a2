/**
 * A person who knows nothing but `form-sync --help` finds a lead that did not arrive, mends it, and sees it arrive. Each command
 * and each option is taken from what was printed before.
 */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT } from '../../../demo/simulator/account.ts'
import { createSimulator } from '../../../demo/simulator/index.ts'
import { accountVariables } from '../../support/account-variables.ts'
import { run } from '../../support/command.ts'
import { runHere } from '../../support/command-here.ts'
import { startNodeRelay } from '../../support/node-relay.ts'
import { OPERATOR } from '../../support/operator.ts'
import { ACME } from '../../support/relay.ts'

const EMAIL = 'zoe@acme.example'

/** `Hat__c` is no field of the simulator's Marketo. */
const FORMS = {
  forms: {
    contact: {
      origins: [ACME],
      fields: {
        Email: { type: 'email', required: true },
        last: { attribute: 'LastName' },
        trade: { attribute: 'Hat__c' },
      },
    },
  },
}

/** Starts a simulator and a relay that delivers to it. */
async function start() {
  const { app } = createSimulator({ now: Date.now, account: DEMO_ACCOUNT, random: () => 0 })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const simulator = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const relay = await startNodeRelay({
    env: { ...accountVariables('rest', simulator), MARKETO_TRANSPORT: 'rest' },
    forms: FORMS,
  })
  const person = async () => {
    const people = (await (await fetch(`${simulator}/sim/leads`)).json()) as { email: string; attributes: object }[]
    return people.find(({ email }) => email === EMAIL)
  }
  return { relay, person }
}

/** Returns the one word, option or command that a pattern finds in a printed text. */
function read(printed: string, pattern: RegExp): string {
  const [, found] = pattern.exec(printed) ?? []
  if (found === undefined) throw new Error(`nothing printed says ${pattern}:\n${printed}`)
  return found
}

it('a person who knows --help alone finds a lead by e-mail, sees why it is parked, mends it, and sees it arrive', async () => {
  const { relay, person } = await start()
  const posted = await relay.post({ Email: EMAIL, last: 'Zander', trade: 'Milliner' })
  expect(posted.status).toBe(202)
  await vi.waitFor(() => expect(relay.events.map(({ event }) => event)).toContain('delivered'), 10_000)
  expect(JSON.stringify(await person())).not.toContain('Milliner')

  // Which command finds a person, and how does it reach the relay?
  const help = run(['--help']).stdout
  const find = read(help, /^ +(\w+) +Find .*person/m)
  const source = read((await runHere([find, '--help'])).stdout, /(--relay) <url>/)
  const type = async (...words: string[]) => runHere([...words, source, relay.url], OPERATOR)
  const found = await type(find, EMAIL)
  const [, id = ''] = /^parked +contact +.* ([\da-f-]{36}) /m.exec(found.stdout) ?? []

  // The output names the command that shows why.
  const show = read(found.stdout, /form-sync (\w+) <id>/)
  const shown = await type(show, id)
  const wrong = read(shown.stdout, /^rejected +(\S+)$/m)
  expect(shown.stdout).toMatch(/^reason +1006 .*Hat__c/m)
  expect(shown.stdout).not.toContain('Milliner')
  expect(shown.stdout).toMatch(new RegExp(`form-sync edit ${id} --set \\S+ --drop … --relay ${relay.url}`))
  const values = read(shown.stdout, /form-sync show \S+ (--\w+)/)
  const value = read((await type(show, id, values)).stdout, /^Hat__c +(\S+)$/m)

  // And the one that mends it.
  const edit = read(shown.stdout, /Change it and send it again: form-sync (\w+)/)
  const rename = read((await runHere([edit, '--help'])).stdout, /(--rename) <old>=<new>/)
  const mended = await type(edit, id, rename, `${wrong}=Title`)
  expect([mended.status, mended.stderr]).toEqual([0, ''])

  await vi.waitFor(async () => expect(await person()).toMatchObject({ attributes: { Title: value } }), 10_000)
  expect((await type(show, id)).stdout).toMatch(/^delivered +\d/m)
  const audit = read(help, /^ +(\w+) +List what operators did/m)
  const told = (await type(audit)).stdout
  expect(told).toMatch(/ {2}edit {2}1 lead {2}/)
  expect(told).toContain(`ids: ${id}; rename: {"Hat__c":"Title"}`)
  expect(told).not.toContain(value)
})
