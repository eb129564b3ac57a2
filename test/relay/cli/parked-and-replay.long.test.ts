/** Tests `form-sync parked` and `form-sync replay`, on a folder in this process or another, and beside a running relay. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import type { ParkedLead } from '../../../relay/admin/parked-leads.ts'
import type { Outbox } from '../../../relay/index.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { runHere } from '../../support/command-here.ts'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { filledOutbox, overwritePages } from '../../support/outbox-file.ts'
import { ACME, NOW } from '../../support/relay.ts'
import { lead, settlement, WIDE } from '../../suites/outbox/leads.ts'
import { OLD_TABLES } from '../../suites/outbox/sqlite/upgrade.ts'
import { askState } from '../../support/operator.ts'
import { startServe, within as withinFolder } from '../../support/serve-command.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1'
const TOKEN = { FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters' }

/** As `withinFolder`, with limits that let all leads go at once. */
function within<T>(folder: string, work: (outbox: Outbox) => Promise<T>): Promise<T> {
  return withinFolder(folder, work, { limits: WIDE })
}

/** Creates a folder with parked leads: `lead-0`, `lead-1` and so on. */
async function parkedIn(count: number, form: (at: number) => string = () => 'contact', now = NOW): Promise<string> {
  const folder = makeFolder()
  const attributes = [{ name: 'Hat__c', value: 'red' }]
  const leads = Array.from({ length: count }, (_, at) =>
    lead(`lead-${at}`, { form: form(at), email: `p${at}@acme.example`, attributes, acceptedAt: now }),
  )
  await within(folder, async (outbox) => {
    await outbox.add(leads, now)
    const batches = await outbox.claim(now, now + 60_000, count)
    const reason = '20105 Lead Attribute Bad: Hat__c'
    const settlements = batches.flatMap(({ jobs }) => jobs).map((job) => settlement(job, { kind: 'parked', reason }))
    await outbox.settle(0, settlements, now)
  })
  return folder
}

describe('form-sync parked', () => {
  it('lists the parked leads without personal data', async () => {
    const folder = await parkedIn(2)

    const { status, stdout } = run(['parked', '--data', folder])

    expect(status).toBe(0)
    expect(stdout).toMatch(/^2 leads are parked, the oldest for /)
    expect(stdout).toMatch(/^lead-1 +contact +2026-11-23 09:30 +1 +20105 Lead Attribute Bad: Hat__c$/m)
    expect(stdout).not.toMatch(/@|red/)
  })

  it('lists all leads as JSON, one per line', async () => {
    const folder = await parkedIn(210)

    const { status, stdout } = await runHere(['parked', '--json', '--values'], { FORM_SYNC_DATA: folder })

    const leads = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ParkedLead)
    expect(status).toBe(0)
    expect(new Set(leads.map(({ id }) => id))).toEqual(new Set(Array.from({ length: 210 }, (_, at) => `lead-${at}`)))
    expect(leads[0]?.values).toEqual({ email: 'p0@acme.example', attributes: { Hat__c: 'red' } })
  })

  it('lists at most --limit leads', async () => {
    const folder = await parkedIn(3)

    const { stdout } = await runHere(['parked', '--data', folder, '--limit', '2'])

    expect(stdout).toMatch(/^The first 2 of 3 parked leads/)
    expect(stdout.match(/^lead-\d/gm)).toHaveLength(2)
  })

  it('shows one lead in full', async () => {
    const folder = await parkedIn(2)

    const { status, stdout } = await runHere(['parked', 'lead-1', '--data', folder, '--values'])

    expect(status).toBe(0)
    expect(stdout).toMatch(/^lead-1\n\nform +contact\n/)
    expect(stdout).toMatch(/^email +p1@acme\.example\nHat__c +red$/m)
    expect(stdout).toMatch(/^2026-11-23 09:30:00\n {2}20105 Lead Attribute Bad: Hat__c$/m)
  })

  it('exits with 1 for a lead that is not parked', async () => {
    const folder = await parkedIn(1)

    const { status, stderr } = await runHere(['parked', 'lead-7', '--data', folder])

    expect([status, stderr]).toEqual([1, 'form-sync parked: no parked lead has the id lead-7\n'])
  })
})

describe('form-sync replay', () => {
  it('replays the leads with these ids, edited, and lists those that it could not replay', async () => {
    const folder = await parkedIn(3)

    const { status, stdout, stderr } = run(
      `replay lead-0 lead-2 lead-9 lead-0 --rename Hat__c=Hut__c --data ${folder}`.split(' '),
    )

    expect(status).toBe(1)
    expect(stdout).toMatch(
      /^Replayed 2 of 3 leads\.\n {2}settings +of the forms in forms\.json\n {2}edit +rename Hat__c to Hut__c\n/,
    )
    expect(stderr).toBe('Not replayed: 1\n  lead-9  no lead has this id\n')
    const jobs = await within(folder, (outbox) => Promise.all(['lead-0', 'lead-1', 'lead-2'].map(outbox.find)))
    expect(jobs.map((job) => [job?.state, job?.lead?.attributes[0]?.name])).toEqual([
      ['waiting', 'Hut__c'],
      ['parked', 'Hat__c'],
      ['waiting', 'Hut__c'],
    ])
  })

  it('replays all leads of a form, in steps', async () => {
    const folder = await parkedIn(450, (at) => (at % 3 === 0 ? 'plain' : 'contact'))

    const { status, stdout } = await runHere(
      `replay --all --form plain --drop Hat__c --json --data ${folder}`.split(' '),
    )

    const { results, ...done } = JSON.parse(stdout) as { results: unknown[] }
    expect(status).toBe(0)
    expect(done).toEqual({ dryRun: false, replayed: 150, seen: 450 })
    expect(results).toHaveLength(150)
    await within(folder, async (outbox) => {
      expect(await outbox.status(NOW)).toMatchObject({ waiting: 150, parked: 300 })
      expect((await outbox.find('lead-3'))?.lead?.attributes).toEqual([])
    })
  })

  it('replays more ids than one step allows', async () => {
    const folder = await parkedIn(201)
    const ids = Array.from({ length: 201 }, (_, at) => `lead-${at}`)

    const { status, stdout } = await runHere(['replay', ...ids, '--data', folder])

    expect([status, stdout.split('\n')[0]]).toEqual([0, 'Replayed 201 leads.'])
  })

  it('makes leads due at once, even if the clock of the relay is far behind', async () => {
    const yearsBehind = Date.UTC(2001, 0, 1)
    const folder = await parkedIn(1, () => 'contact', yearsBehind)

    await runHere(['replay', '--all', '--data', folder])

    await within(folder, async (outbox) => {
      expect(await outbox.nextDueAt(yearsBehind)).toBe(yearsBehind)
      expect(await outbox.claim(yearsBehind, yearsBehind + 60_000, 1)).toHaveLength(1)
    })
  })

  it.each<[string, string[], object]>([
    ['takes the settings of the forms file', [], { workspace: 'Europe', Hat__c: 'red', LeadSource: 'Web' }],
    ['keeps the stored settings', ['--keep-settings'], { Hat__c: 'red' }],
    [
      'sets what the options say',
      ['--workspace', 'Asia', '--set', 'Hat__c=a=b', '--set', 'Cap__c=', '--cookie', COOKIE],
      { workspace: 'Asia', cookie: COOKIE, Hat__c: 'a=b', LeadSource: 'Web', Cap__c: '' },
    ],
    ['drops what the options say', ['--drop-workspace', '--drop-cookie'], { Hat__c: 'red', LeadSource: 'Web' }],
  ])('%s', async (_, words, expected) => {
    const folder = await parkedIn(1)
    const forms = join(folder, 'forms.json')
    const fields = { Email: { type: 'email', required: true } }
    const contact = { origins: [ACME], fields, constants: { LeadSource: 'Web' }, workspace: 'Europe' }
    writeFileSync(forms, JSON.stringify({ forms: { contact } }))

    const env = words.includes('--keep-settings') ? {} : { FORM_SYNC_FORMS: forms }
    const { status } = await runHere(['replay', '--all', '--data', folder, ...words], env)

    const job = await within(folder, (outbox) => outbox.find('lead-0'))
    const { workspace, cookie, attributes = [] } = job?.lead ?? {}
    const values = Object.fromEntries(attributes.map(({ name, value }) => [name, value]))
    expect(status).toBe(0)
    expect({ ...(workspace && { workspace }), ...(cookie && { cookie }), ...values }).toEqual(expected)
  })

  it('changes nothing in a dry run', async () => {
    const folder = await parkedIn(2)

    const { status, stdout } = await runHere(['replay', '--all', '--dry-run', '--data', folder])

    expect(status).toBe(0)
    expect(stdout).toBe('Would replay 2 leads.\n  settings    of the forms in forms.json\nNothing was changed.\n')
    expect(await within(folder, (outbox) => outbox.status(NOW))).toMatchObject({ waiting: 0, parked: 2 })
  })
})

describe('form-sync parked and form-sync replay', () => {
  it('say so if no leads are parked', async () => {
    const { folder } = await filledOutbox(1)

    const answers = [
      await runHere(['parked', '--data', folder]),
      await runHere(['replay', '--all', '--data', folder]),
      await runHere(['parked', '--json', '--data', folder]),
    ]

    expect(answers.map(({ status, stdout }) => [status, stdout])).toEqual([
      [0, 'No leads are parked.\n'],
      [0, 'No leads are parked.\n'],
      [0, ''],
    ])
  })

  it.each([
    [['parked', 'a', 'b'], '"b" is a second one'],
    [['parked', '--limit', '0'], '--limit must be a whole number of at least 1, not "0"'],
    [
      ['parked', '--al'],
      'unknown option: --al; allowed are --relay, --data, --account, --limit, --values, --json, --help',
    ],
    [['replay'], 'no leads are selected; give ids or --all'],
    [['replay', 'a', '--all'], 'use either ids or --all, not both'],
    [['replay', 'a', '--form', 'contact'], '--form and --reason require --all'],
    [['replay', 'a', '--rename', 'Hat__c'], '--rename must be <old>=<new>, not "Hat__c"'],
    [['replay', 'a', '--rename', 'Hat__c=a=b'], '--rename must be <old>=<new>'],
    [['replay', 'a', '--rename', 'Hat__c=A', '--drop', 'Hat__c'], '"Hat__c" has two edits'],
    [['replay', 'a', '--set', 'Hat__c=red', '--drop', 'Hat__c'], '"Hat__c" has two edits'],
    [['replay', 'a', '--set', 'Hat__c'], '--set must be <name>=<value>'],
    [
      ['replay', 'a', '--set', 'email=ben@acme.example'],
      '--set cannot change Email, by which Marketo finds the person',
    ],
    [
      ['replay', 'a', '--workspace', 'Asia', '--drop-workspace'],
      'use either --workspace or --drop-workspace, not both',
    ],
    [['replay', 'a', '--workspace', ''], '--workspace must not be empty; use --drop-workspace for none'],
    [['replay', 'a', '--cookie', 'abc'], '--cookie must be a Munchkin cookie such as id:123-ABC-456&token:_mch-'],
    [['replay', 'a', '--forms', 'x.json', '--keep-settings'], 'use either --forms or --keep-settings, not both'],
    [['replay', 'a', '--forms', 'x.json', '--relay', 'https://a.example'], '--forms does not work with --relay'],
    [['replay', 'a', '--forms', 'missing.json'], 'missing.json cannot be read: ENOENT'],
    [['replay', 'a', '--forms', 'package.json'], 'package.json is not valid: name: unknown key'],
    [['parked', '--relay', 'https://a.example', '--data', '.'], 'use either --relay or --data, not both'],
    [['parked', '--relay', 'forms.acme.example'], 'must be a URL such as https://'],
    [['parked', '--relay', 'http://forms.acme.example'], 'must use https'],
    [['parked', '--relay', 'https://forms.acme.example'], 'FORM_SYNC_CONSOLE_TOKEN is not set'],
  ])('exit with 2 for wrong arguments: %s', async (words, message) => {
    const { status, stdout, stderr } = await runHere(words)

    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  it('create nothing if there is no outbox', async () => {
    const folder = makeFolder()

    const nowhere = await runHere(['parked', '--data', join(folder, 'data')])
    const empty = await runHere(['replay', '--all', '--data', folder])

    expect([nowhere.status, empty.status]).toEqual([2, 2])
    expect(nowhere.stderr).toContain(`there is no outbox in ${join(folder, 'data')}`)
    expect(readdirSync(folder)).toEqual([])
  })

  it('do not change a damaged outbox', async () => {
    const { folder, path } = await filledOutbox(50)
    overwritePages(path, 2)
    const bytes = readFileSync(path)

    const { status, stderr } = await runHere(['parked', '--data', folder])

    expect(status).toBe(1)
    expect(stderr).toMatch(/outbox\.sqlite is damaged: .*It was not changed\. Start the relay/)
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([])
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('do not open the log of a missing file, because SQLite would delete it', async () => {
    const folder = makeFolder()
    writeFileSync(join(folder, 'outbox.sqlite-wal'), 'leads')

    const { status } = await runHere(['parked', '--data', folder])

    expect(status).toBe(1)
    expect(readFileSync(join(folder, 'outbox.sqlite-wal'), 'utf8')).toBe('leads')
  })

  it('do not upgrade the tables of another version, because its relay may be using them', async () => {
    const folder = makeFolder()
    const sql = openSqlite(join(folder, 'outbox.sqlite'))
    for (const statement of OLD_TABLES[0]!.statements) sql.run(statement)

    const { status, stderr } = await runHere(['parked', '--data', folder])

    const [meta] = sql.run('SELECT version FROM meta')
    sql.close()
    expect(status).toBe(1)
    expect(stderr).toContain('start its relay once, which upgrades it')
    expect(meta).toEqual({ version: 1 })
  })

  it('say so if the relay does not respond', async () => {
    const { status, stderr } = await runHere(['parked', '--relay', 'http://127.0.0.1:9'], TOKEN)

    expect(status).toBe(1)
    expect(stderr).toContain('http://127.0.0.1:9 does not respond: ')
  })

  it('deliver an attribute that Marketo did not know under its new name', { timeout: 20_000 }, async () => {
    const simulator = await serveSimulator({ port: 0 })
    onTestFinished(() => simulator.close())
    const relay = await startRelay(simulator.url)
    const people = async () => (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]

    const posted = await fetch(`${relay.url}/f/contact`, {
      method: 'POST',
      body: new URLSearchParams({ Email: 'ana@acme.example', first: 'Ana', harbour: 'Cádiz' }),
      headers: { origin: ACME, accept: 'application/json' },
    })
    const { id } = (await posted.json()) as { id: string }
    await relay.waitFor({ state: 'parked', parked: 1, delivered: 0 })
    const [before] = await people()
    const local = await runAside(['parked', '--data', relay.data], {})
    const remote = await runAside(['parked', id, '--relay', relay.url], TOKEN)
    const otherToken = await runAside(['parked', '--relay', relay.url], {
      FORM_SYNC_CONSOLE_TOKEN: 'another-token-of-some-length',
    })
    const replayed = await runAside(['replay', id, '--rename', 'Hafen__c=Harbour__c', '--relay', relay.url], TOKEN)
    await relay.waitFor({ state: 'ok', parked: 0, delivered: 1 })
    const [after] = await people()

    expect(before?.attributes).toMatchObject({ FirstName: 'Ana' })
    expect(before?.attributes).not.toHaveProperty('Harbour__c')
    expect(local.printed).toContain('20105 Lead Attribute Bad: Hafen__c; delivered without Hafen__c')
    expect(remote.printed).toMatch(/^delivered +as lead \d+, without the attributes below\nattributes +Hafen__c\n/m)
    expect(local.printed + remote.printed).not.toMatch(/ana@|Cádiz/)
    expect(otherToken).toEqual({
      code: 2,
      printed: expect.stringContaining('rejected the FORM_SYNC_CONSOLE_TOKEN') as string,
    })
    expect(replayed).toEqual({ code: 0, printed: expect.stringMatching(/^Replayed 1 lead\.\n/) as string })
    expect(after).toMatchObject({ id: before?.id, attributes: { FirstName: 'Ana', Harbour__c: 'Cádiz' } })
  })
})

describe('D9: a lead that was parked because its form named a workspace that does not exist', () => {
  it.each(['--relay', '--data'])('is delivered by a replay once the forms file is mended, with %s', async (source) => {
    const simulator = await serveSimulator({ port: 0, workspaces: ['Europe'] })
    onTestFinished(() => simulator.close())
    const folder = makeFolder()
    const first = await startRelay(simulator.url, folder, { workspace: 'Erope' })
    await fetch(`${first.url}/f/contact`, {
      method: 'POST',
      body: new URLSearchParams({ Email: 'ana@acme.example', first: 'Ana' }),
      headers: { origin: ACME, accept: 'application/json' },
    })
    await first.waitFor({ state: 'parked', parked: 1, delivered: 0 })
    await first.stop()

    const second = await startRelay(simulator.url, folder, { workspace: 'Europe' })
    const from = source === '--relay' ? [second.url] : [second.data, '--forms', second.forms]
    const replayed = await runAside(['replay', '--all', source, ...from], TOKEN)
    await second.waitFor({ state: 'ok', parked: 0, delivered: 1 })

    const [ana] = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]
    expect(replayed).toMatchObject({ code: 0, printed: expect.stringContaining('Replayed 1 lead.') as string })
    expect(ana).toMatchObject({ email: 'ana@acme.example', workspace: 'Europe' })
  })
})

/** Starts a relay in its own process. Its form has a field whose attribute has another name in Marketo. */
async function startRelay(marketo: string, folder = makeFolder(), settings: object = {}) {
  const [forms, data] = [join(folder, 'forms.json'), join(folder, 'data')]
  const fields = {
    Email: { type: 'email', required: true },
    first: { attribute: 'FirstName' },
    harbour: { attribute: 'Hafen__c' },
  }
  writeFileSync(forms, JSON.stringify({ forms: { contact: { origins: [ACME], fields, ...settings } } }))
  const { program, url } = await startServe(forms, data, {
    MARKETO_SOAP_ENDPOINT: `${marketo}/soap/mktows/3_1`,
    MARKETO_USER_ID: DEMO_ACCOUNT.userId,
    MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
    ...TOKEN,
  })
  return {
    url,
    data,
    forms,
    stop: () => program.end(),
    /** Waits until `/readyz` matches. */
    waitFor: (state: object) =>
      vi.waitFor(
        async () => expect(await (await askState(url, TOKEN.FORM_SYNC_CONSOLE_TOKEN)).json()).toMatchObject(state),
        {
          timeout: 10_000,
          interval: 10,
        },
      ),
  }
}
