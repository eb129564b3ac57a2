/** The commands on the leads of several accounts in a folder and in a database. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { batchKeysOf } from '../../../relay/marketo/transport.ts'
import type { OutboxOptions } from '../../../relay/outbox/options.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { createPostgresOutbox } from '../../../relay/outbox/postgres/outbox.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'
import { connectPostgres } from '../../../relay/runtime/node/postgres-pool.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { runHere } from '../../support/command-here.ts'
import { makeFolder } from '../../support/folder.ts'
import { withPostgres } from '../../support/postgres.ts'
import { lead, park, settleNext, T, WIDE } from '../../suites/outbox/leads.ts'

/** A time that no clock has reached. */
const LATE = Date.UTC(2100, 0, 1)

interface Stored {
  first: Outbox
  sandbox: Outbox
  /** Runs a command on the store. */
  command: (...args: string[]) => ReturnType<typeof runHere>
}

/** Stores leads: one parked in each account, and one waiting in the sandbox, whose circuit breaker is open. */
async function fill(open: (options: OutboxOptions) => Promise<Outbox>): Promise<[Outbox, Outbox]> {
  const options = (account: string, transport: string) => ({
    account,
    crypto: NODE_CRYPTO,
    limits: WIDE,
    batchKeys: batchKeysOf(transport),
  })
  const first = await open(options('default', 'soap'))
  const sandbox = await open(options('sandbox', 'rest'))
  await park(first, [lead('first')])
  await park(sandbox, [lead('second', { form: 'trial' }), T + 1])
  await sandbox.add([lead('waits')], T)
  const stopped = { kind: 'stopped', retryAt: LATE, reason: 'set MARKETO_CLIENT_SECRET', blocked: true } as const
  await settleNext(sandbox, stopped, T + 1)
  return [first, sandbox]
}

const ids = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { id: string }).id)

function commandTests(store: () => Promise<Stored>): void {
  it('parked and export list the leads of all accounts, or of one', async () => {
    const { command } = await store()

    const parked = await command('parked', '--json')
    const table = await command('parked')
    const one = await command('parked', '--json', '--account', 'sandbox')
    const exported = await command('export', '--account', 'sandbox')
    const unnamed = await command('export', '--account', 'default')
    const unknown = await command('parked', '--account', 'sandbx')

    expect(ids(parked.stdout)).toEqual(['first', 'second'])
    expect(parked.stdout.split('\n')[1]).toContain('"account":"sandbox"')
    expect(table.stdout).toContain('trial (sandbox)')
    expect(ids(one.stdout)).toEqual(['second'])
    expect(ids(exported.stdout)).toEqual(['waits', 'second'])
    expect(JSON.parse(exported.stdout.split('\n')[0]!)).toMatchObject({ state: 'waiting', account: 'sandbox' })
    expect(ids(unnamed.stdout)).toEqual(['first'])
    expect(unknown).toMatchObject({ status: 2, stdout: '' })
    expect(unknown.stderr).toContain('--account must be one of default, sandbox')
  })

  it('retry tells the state of each account, in its own words, and retries all or one', async () => {
    const { command, sandbox } = await store()

    const unnamed = await command('retry', '--account', 'default')
    const before = await sandbox.nextDueAt(T + 1)
    const all = await command('retry')

    expect(unnamed.stdout).toBe('Calls were not stopped; nothing was changed.\n')
    expect(before).toBe(LATE)
    expect(all.stdout).toMatch(
      /^default:\n {2}Calls were not stopped; .*\nsandbox:\n {2}Marketo rejected the account: set MARKETO_SANDBOX_CLIENT_SECRET\.\n {2}The next call may go now\.\n {2}1 lead waits\. /,
    )
    expect(await sandbox.nextDueAt(T + 1)).toBeLessThan(LATE)
  })

  it('replay sends a lead to the account that its form has today, or with --keep-settings to its own', async () => {
    const { command, first, sandbox } = await store()
    const forms = join(makeFolder(), 'forms.json')
    const fields = { Email: { type: 'email', required: true } }
    const form = { origins: ['https://www.acme.example'], fields }
    writeFileSync(forms, JSON.stringify({ forms: { contact: { ...form, account: 'sandbox' }, trial: form } }))

    const kept = await command('replay', 'second', '--keep-settings')
    const moved = await command('replay', '--all', '--account', 'default', '--forms', forms)

    expect([kept.status, moved.status]).toEqual([0, 0])
    expect(await sandbox.find('second')).toMatchObject({ state: 'waiting', notes: [] })
    expect(await first.find('first')).toBeUndefined()
    expect(await sandbox.find('first')).toMatchObject({
      state: 'waiting',
      notes: ['account changed: default to sandbox'],
    })
  })

  it('replay leaves a lead parked whose form has an account that the store does not know', async () => {
    const { command, first } = await store()
    const forms = join(makeFolder(), 'forms.json')
    const fields = { Email: { type: 'email', required: true } }
    const contact = { origins: ['https://www.acme.example'], fields, account: 'labs' }
    writeFileSync(forms, JSON.stringify({ forms: { contact } }))

    const { status, stderr } = await command('replay', 'first', '--forms', forms)

    expect(status).toBe(1)
    expect(stderr).toContain('its form has the account labs now, and this lead cannot go there; --keep-settings')
    expect(await first.find('first')).toMatchObject({ state: 'parked' })
  })
}

describe('the commands on the accounts of a folder', () => {
  commandTests(async () => {
    const folder = makeFolder()
    const sql = openSqlite(join(folder, 'outbox.sqlite'))
    onTestFinished(() => sql.close())
    const [first, sandbox] = await fill((options) => createSqliteOutbox(sql, options))
    return { first, sandbox, command: (...args) => runHere([...args, '--data', folder]) }
  })
})

withPostgres({}, (server) => {
  describe('the commands on the accounts of a database', () => {
    commandTests(async () => {
      const url = await server.schema()
      const database = connectPostgres(url)
      onTestFinished(() => database.close())
      const [first, sandbox] = await fill((options) => createPostgresOutbox(database, options))
      return { first, sandbox, command: (...args) => runHere(args, { FORM_SYNC_DATABASE: url }) }
    })
  })
})
