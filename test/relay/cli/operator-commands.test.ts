/** The commands of an operator's day, on a folder, on a database and on a relay at a URL: they do the same everywhere. */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSqliteOutbox, type Outbox } from '../../../relay/index.ts'
import { orderingKeyOf } from '../../../relay/intake/identity.ts'
import { openPostgres } from '../../../relay/runtime/node/postgres.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { runHere } from '../../support/command-here.ts'
import { makeFolder } from '../../support/folder.ts'
import { OPERATOR } from '../../support/operator.ts'
import { withPostgres } from '../../support/postgres.ts'
import { relayUnderTest } from '../../support/relay.ts'
import { lead, park, T } from '../../suites/outbox/leads.ts'
import { openFile } from '../outbox/sqlite/open-file.ts'

interface Source {
  outbox: Outbox
  env: Record<string, string>
  /** Options that select the source. */
  options: string[]
}

async function folder(): Promise<Source> {
  const data = makeFolder()
  const outbox = await createSqliteOutbox(openFile(join(data, 'outbox.sqlite')), OUTBOX_OPTIONS)
  return { outbox, env: {}, options: ['--data', data] }
}

async function relayAtUrl(): Promise<Source> {
  const { outbox } = await folder()
  const { app } = relayUnderTest({ outbox })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { outbox, env: OPERATOR, options: ['--relay', url] }
}

const ZOE = 'zoe@acme.example'

/** Adds a parked, a held and a waiting lead of Zoe. */
async function fill({ outbox }: Source): Promise<void> {
  const ofZoe = { email: ZOE, person: orderingKeyOf(ZOE) }
  const attributes = [
    { name: 'LastName', value: '=Zander' },
    { name: 'Hat__c', value: 'red' },
  ]
  await park(outbox, [lead('parked', { ...ofZoe, attributes })])
  const held = lead('held', { ...ofZoe, hold: 'links: 5 links' })
  await outbox.add([{ ...held, rules: ['links'] }, lead('waits', { ...ofZoe, attributes: [] })], T)
}

function operatorCommands(where: string, open: () => Promise<Source>): void {
  describe(`on ${where}`, () => {
    async function start() {
      const source = await open()
      await fill(source)
      const run = (...words: string[]) => runHere([...words, ...source.options], source.env)
      const json = async <T = object>(...words: string[]) => JSON.parse((await run(...words, '--json')).stdout) as T
      return { ...source, run, json }
    }

    it('find and show tell why a lead is parked, and show no value until it is asked for', async () => {
      const { run, json } = await start()

      const { rows } = await json<{ rows: { id: string; state: string }[] }>('find', ZOE)
      const shown = await json('show', 'parked')
      const printed = await run('show', 'parked')
      const values = await json('show', 'parked', '--values')

      expect(rows.map(({ id, state }) => [id, state])).toEqual([
        ['parked', 'parked'],
        ['held', 'held'],
        ['waits', 'waiting'],
      ])
      const reason = expect.any(String) as string
      expect(shown).toMatchObject({ state: 'parked', attributes: ['LastName', 'Hat__c'], history: [{ reason }] })
      expect([printed.status, printed.stdout]).toEqual([0, expect.stringContaining('form-sync edit parked --set')])
      expect(JSON.stringify([shown, printed])).not.toMatch(/zander|zoe|"red"/i)
      expect(values).toMatchObject({ values: { email: ZOE, attributes: { Hat__c: 'red' } } })
    })

    it('show tells by which rule a lead is held, and when a waiting one is due', async () => {
      const { json, run } = await start()

      expect(await json('show', 'held')).toMatchObject({ state: 'held', reason: 'links: 5 links', rules: ['links'] })
      expect(await json('show', 'waits')).toMatchObject({ state: 'waiting', dueAt: expect.any(String) as string })
      const unknown = await run('show', 'nothing')
      expect([unknown.status, unknown.stderr]).toEqual([1, 'form-sync show: no lead has the id nothing\n'])
    })

    it('edit changes a lead and sends it again, or says what would happen', async () => {
      const { outbox, run, json } = await start()
      const edit = ['edit', 'parked', '--set', 'LastName=Zimmer', '--drop', 'Hat__c']

      const dry = await json(...edit, '--dry-run')
      const before = await outbox.find('parked')
      const done = await run(...edit)
      const again = await run(...edit)

      expect([dry, before?.state]).toEqual([{ dryRun: true, id: 'parked', result: 'replayed' }, 'parked'])
      expect([done.status, done.stdout]).toEqual([
        0,
        expect.stringMatching(/^Changed the lead parked and sent it again\.\n {2}edit +drop Hat__c, set LastName\n/),
      ])
      const after = await outbox.find('parked')
      expect(after?.state).toBe('waiting')
      expect(after?.lead?.attributes).toContainEqual({ name: 'LastName', value: 'Zimmer' })
      expect(after?.lead?.attributes.map(({ name }) => name)).not.toContain('Hat__c')
      expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('parked  not parked')])
      expect(JSON.stringify([dry, done])).not.toContain('Zimmer')
    })

    it('release sends a held lead, once --yes is given', async () => {
      const { outbox, run, json } = await start()

      const preview = await json('release', 'held')
      const before = await outbox.find('held')
      await run('release', 'held', '--yes')

      expect(preview).toMatchObject({ dryRun: true, released: 1 })
      expect(before?.state).toBe('held')
      expect((await outbox.find('held'))?.state).toBe('waiting')
    })

    it('status tells what is stored and what is wrong', async () => {
      const { run, json } = await start()

      const printed = await run('status')

      expect(await json('status')).toMatchObject({ ready: true, backlog: 1, held: 1, parked: 1, delivered: 0 })
      expect(printed.status).toBe(1)
      expect(printed.stdout).toMatch(/^waiting +1 lead/)
      expect(printed.stdout).toMatch(/\nheld +1 lead: contact 1\nparked +1 lead/)
      expect(printed.stdout).toMatch(/\nparked \(1\)\n {2}The relay has parked/)
    })

    it('export writes CSV with a column for each attribute, and no formula', async () => {
      const { run } = await start()

      const { status, stdout } = await run('export', '--format', 'csv', '--state', 'held,parked')

      const [header, ...rows] = stdout.trim().split('\n')
      expect(status).toBe(0)
      expect(header).toBe(
        '"id","state","form","account","acceptedAt","attempts","reason","email","cookie","workspace","FirstName","LastName","Hat__c","furtherAttributes"',
      )
      expect(rows).toEqual([
        expect.stringMatching(/^"held","held","contact","".*"zoe@acme\.example","","","George","","",""$/),
        expect.stringMatching(/^"parked","parked","contact","".*"zoe@acme\.example","","","","'=Zander","red",""$/),
      ])
    })

    it('export writes all undelivered leads as JSON lines', async () => {
      const { run } = await start()

      const { stdout } = await run('export')

      const leads = stdout.trim().split('\n')
      expect(leads.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['waits', 'held', 'parked'])
    })

    it('audit tells of edit and release', async () => {
      const { run } = await start()
      await run('edit', 'parked', '--drop', 'Hat__c')
      await run('release', '--all', '--yes')

      const { stdout } = await run('audit', '--json')

      const acts = stdout.trim().split('\n')
      expect(acts.map((line) => JSON.parse(line) as object)).toMatchObject([
        { kind: 'release', selector: { ids: ['held'] }, leads: 1 },
        { kind: 'edit', selector: { ids: ['parked'], drop: ['Hat__c'] }, leads: 1 },
      ])
    })
  })
}

describe('the commands of an operator', () => {
  operatorCommands('a folder', folder)
  operatorCommands('a relay at a URL', relayAtUrl)
})

withPostgres({}, (server) => {
  operatorCommands('a database', async () => {
    const url = await server.schema()
    const { outbox, close } = await openPostgres(url, OUTBOX_OPTIONS)
    onTestFinished(close)
    return { outbox, env: { FORM_SYNC_DATABASE: url }, options: [] }
  })
})

it.each([
  [['show'], 'give one id; "form-sync find <e-mail>" tells the ids'],
  [['edit', 'a'], 'nothing is changed; give --set, --drop or --rename'],
  [['edit', '--drop', 'Hat__c'], 'give one id'],
  [['edit', 'a', '--set', 'Email=x@y.example'], '--set cannot change Email'],
  [['release'], 'no leads are selected; give ids, or --form'],
  [['release', '--yes'], 'no leads are selected; give ids, or --form'],
  [['status', '--relay', 'http://localhost:1', '--account', 'x'], '--account does not work with --relay'],
])('%j: exits with 2 and says what is wrong', async (words, message) => {
  const { status, stderr } = await runHere(words)

  expect(status).toBe(2)
  expect(stderr).toContain(`form-sync ${words[0]}: ${message}`)
})
