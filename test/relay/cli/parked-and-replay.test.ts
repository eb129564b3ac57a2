/** `form-sync parked` and `form-sync replay` as processes, on a folder of their own and beside a relay that runs. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import type { ParkedLead } from '../../../relay/admin/parked-leads.ts'
import { createSqlOutbox, type Lead, type Outbox } from '../../../relay/index.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { COMMAND, run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { filledOutbox, overwritePages } from '../../support/outbox-file.ts'
import { startProgram } from '../../support/process.ts'
import { ACME, NOW } from '../../support/relay.ts'
import { WIDE } from '../../suites/outbox/leads.ts'
import { VERSION_1 } from '../outbox/sqlite/version-1.ts'

const TOKEN = { FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters' }

/** Opens the outbox of a folder as the relay does, and closes it when the work is done. */
async function within<T>(folder: string, work: (outbox: Outbox) => Promise<T>): Promise<T> {
  const sql = openSqlite(join(folder, 'outbox.sqlite'))
  try {
    return await work(createSqlOutbox(sql, WIDE))
  } finally {
    sql.close()
  }
}

/** A folder in which so many leads are parked: `lead-0`, `lead-1` and so on. */
async function parkedIn(count: number, form: (at: number) => string = () => 'contact', now = NOW): Promise<string> {
  const folder = makeFolder()
  const leads = Array.from({ length: count }, (_, at): Lead => {
    const email = `p${at}@acme.example`
    const attributes = [{ name: 'Hat__c', value: 'red' }]
    return { id: `lead-${at}`, form: form(at), person: email, email, attributes, acceptedAt: now, notes: [] }
  })
  await within(folder, async (outbox) => {
    await outbox.add(leads, now)
    const calls = await outbox.claim(now, now + 60_000, count)
    const reason = '20105 Lead Attribute Bad: Hat__c'
    const settlements = calls
      .flatMap(({ turns }) => turns.flat())
      .map(({ lead, attempt }) => ({ id: lead.id, attempt, reason, kind: 'parked' as const }))
    await outbox.settle(0, settlements, now)
  })
  return folder
}

describe('parked', () => {
  it('lists what is parked, without a person’s data', async () => {
    const folder = await parkedIn(2)

    const { status, stdout } = run(['parked', '--data', folder])

    expect(status).toBe(0)
    expect(stdout).toMatch(/^2 leads are parked, the oldest for /)
    expect(stdout).toMatch(/^lead-1 +contact +2026-11-23 09:30 +1 +20105 Lead Attribute Bad: Hat__c$/m)
    expect(stdout).not.toMatch(/@|red/)
  })

  it('lists it for a program, whole and a lead a line', async () => {
    const folder = await parkedIn(210)

    const { status, stdout } = run(['parked', '--json', '--values'], { FORM_SYNC_DATA: folder })

    const leads = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ParkedLead)
    expect(status).toBe(0)
    expect(new Set(leads.map(({ id }) => id))).toEqual(new Set(Array.from({ length: 210 }, (_, at) => `lead-${at}`)))
    expect(leads[0]?.values).toEqual({ email: 'p0@acme.example', attributes: { Hat__c: 'red' } })
  })

  it('lists no more than it is asked to', async () => {
    const folder = await parkedIn(3)

    const { stdout } = run(['parked', '--data', folder, '--limit', '2'])

    expect(stdout).toMatch(/^The first 2 of 3 parked leads/)
    expect(stdout.match(/^lead-\d/gm)).toHaveLength(2)
  })

  it('shows one in full', async () => {
    const folder = await parkedIn(2)

    const { status, stdout } = run(['parked', 'lead-1', '--data', folder, '--values'])

    expect(status).toBe(0)
    expect(stdout).toMatch(/^lead-1\n\nform +contact\n/)
    expect(stdout).toMatch(/^email +p1@acme\.example\nHat__c +red$/m)
    expect(stdout).toMatch(/^2026-11-23 09:30:00\n {2}20105 Lead Attribute Bad: Hat__c$/m)
  })

  it('ends with 1 for a lead that is not parked', async () => {
    const folder = await parkedIn(1)

    const { status, stderr } = run(['parked', 'lead-7', '--data', folder])

    expect([status, stderr]).toEqual([1, 'form-sync parked: no lead lead-7 is parked\n'])
  })
})

describe('replay', () => {
  it('has the leads of these ids wait again, mended, and says which it could not', async () => {
    const folder = await parkedIn(3)

    const { status, stdout, stderr } = run(
      `replay lead-0 lead-2 lead-9 lead-0 --rename Hat__c=Hut__c --data ${folder}`.split(' '),
    )

    expect(status).toBe(1)
    expect(stdout).toMatch(/^Replayed 2 of 3 leads\.\n {2}mended +rename Hat__c to Hut__c\n/)
    expect(stderr).toBe('Not replayed: 1\n  lead-9  is not known here\n')
    const jobs = await within(folder, (outbox) => Promise.all(['lead-0', 'lead-1', 'lead-2'].map(outbox.find)))
    expect(jobs.map((job) => [job?.state, job?.lead?.attributes[0]?.name])).toEqual([
      ['waiting', 'Hut__c'],
      ['parked', 'Hat__c'],
      ['waiting', 'Hut__c'],
    ])
  })

  it('has all of a form wait again, step by step', async () => {
    const folder = await parkedIn(450, (at) => (at % 3 === 0 ? 'plain' : 'contact'))

    const { status, stdout } = run(`replay --all --form plain --drop Hat__c --json --data ${folder}`.split(' '))

    const { results, ...done } = JSON.parse(stdout) as { results: unknown[] }
    expect(status).toBe(0)
    expect(done).toEqual({ dryRun: false, replayed: 150, seen: 450 })
    expect(results).toHaveLength(150)
    await within(folder, async (outbox) => {
      expect(await outbox.status(NOW)).toMatchObject({ waiting: 150, parked: 300 })
      expect((await outbox.find('lead-3'))?.lead?.attributes).toEqual([])
    })
  })

  it('takes more ids than go in one step', async () => {
    const folder = await parkedIn(201)
    const ids = Array.from({ length: 201 }, (_, at) => `lead-${at}`)

    const { status, stdout } = run(['replay', ...ids, '--data', folder])

    expect([status, stdout.split('\n')[0]]).toEqual([0, 'Replayed 201 leads.'])
  })

  it('has leads due at once by whatever clock the relay goes', async () => {
    const yearsBehind = Date.UTC(2001, 0, 1)
    const folder = await parkedIn(1, () => 'contact', yearsBehind)

    run(['replay', '--all', '--data', folder])

    await within(folder, async (outbox) => {
      expect(await outbox.nextDueAt(yearsBehind)).toBe(yearsBehind)
      expect(await outbox.claim(yearsBehind, yearsBehind + 60_000, 1)).toHaveLength(1)
    })
  })

  it('changes nothing in a dry run', async () => {
    const folder = await parkedIn(2)

    const { status, stdout } = run(['replay', '--all', '--dry-run', '--data', folder])

    expect(status).toBe(0)
    expect(stdout).toBe('Would replay 2 leads.\nNothing was changed.\n')
    expect(await within(folder, (outbox) => outbox.status(NOW))).toMatchObject({ waiting: 0, parked: 2 })
  })
})

describe('parked and replay', () => {
  it.each(['parked', 'replay'])('explain themselves on eighty columns: %s', (command) => {
    const { status, stdout } = run([command, '--help'])

    expect(status).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Usage: form-sync ${command}`))
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('say when nothing is parked', async () => {
    const { folder } = await filledOutbox(1)

    const answers = [
      run(['parked', '--data', folder]),
      run(['replay', '--all', '--data', folder]),
      run(['parked', '--json', '--data', folder]),
    ]

    expect(answers.map(({ status, stdout }) => [status, stdout])).toEqual([
      [0, 'Nothing is parked.\n'],
      [0, 'Nothing is parked.\n'],
      [0, ''],
    ])
  })

  it.each([
    [['parked', 'a', 'b'], '"b" is another'],
    [['parked', '--limit', '0'], '--limit takes a number'],
    [['parked', '--al'], '--al'],
    [['replay'], 'it needs the ids of leads, or --all'],
    [['replay', 'a', '--all'], 'name ids or --all, not both'],
    [['replay', 'a', '--form', 'contact'], '--form and --reason go with --all'],
    [['replay', 'a', '--rename', 'Hat__c'], '--rename takes Old=New, not "Hat__c"'],
    [['replay', 'a', '--rename', 'Hat__c=a=b'], '--rename takes Old=New'],
    [['replay', 'a', '--rename', 'Hat__c=A', '--drop', 'Hat__c'], '"Hat__c" is to be mended in two ways'],
    [['parked', '--relay', 'https://a.example', '--data', '.'], 'name --relay or --data, not both'],
    [['parked', '--relay', 'forms.acme.example'], 'takes an address such as https://'],
    [['parked', '--relay', 'http://forms.acme.example'], 'must be https'],
    [['parked', '--relay', 'https://forms.acme.example'], 'FORM_SYNC_CONSOLE_TOKEN is not set'],
  ])('end with 2 on wrong words: %s', (words, message) => {
    const { status, stdout, stderr } = run(words)

    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  it('make nothing where there is no outbox', () => {
    const folder = makeFolder()

    const nowhere = run(['parked', '--data', join(folder, 'data')])
    const empty = run(['replay', '--all', '--data', folder])

    expect([nowhere.status, empty.status]).toEqual([2, 2])
    expect(nowhere.stderr).toContain(`there is no outbox in ${join(folder, 'data')}`)
    expect(readdirSync(folder)).toEqual([])
  })

  it('leave a damaged outbox to the relay', async () => {
    const { folder, path } = await filledOutbox(50)
    overwritePages(path, 2)
    const bytes = readFileSync(path)

    const { status, stderr } = run(['parked', '--data', folder])

    expect(status).toBe(1)
    expect(stderr).toMatch(/outbox\.sqlite is damaged: .*It was left as it is\. Start the relay/)
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([])
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('leave alone the log of a file that is gone: SQLite would delete it', () => {
    const folder = makeFolder()
    writeFileSync(join(folder, 'outbox.sqlite-wal'), 'leads')

    const { status } = run(['parked', '--data', folder])

    expect(status).toBe(1)
    expect(readFileSync(join(folder, 'outbox.sqlite-wal'), 'utf8')).toBe('leads')
  })

  it('leave the tables of another version as they are: its relay may be at work on them', () => {
    const folder = makeFolder()
    const sql = openSqlite(join(folder, 'outbox.sqlite'))
    for (const statement of VERSION_1) sql.run(statement)

    const { status, stderr } = run(['parked', '--data', folder])

    const [meta] = sql.run('SELECT version FROM meta')
    sql.close()
    expect(status).toBe(1)
    expect(stderr).toContain('another version of form-sync made this outbox')
    expect(meta).toEqual({ version: 1 })
  })

  it('say that the relay does not answer', () => {
    const { status, stderr } = run(['parked', '--relay', 'http://127.0.0.1:9'], TOKEN)

    expect(status).toBe(1)
    expect(stderr).toContain('http://127.0.0.1:9 does not answer: ')
  })

  it('bring an answer to Marketo that it did not know, under the name that it does', { timeout: 20_000 }, async () => {
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
    await relay.stands({ state: 'parked', parked: 1, delivered: 0 })
    const [before] = await people()
    const here = await runAside(['parked', '--data', relay.data], {})
    const there = await runAside(['parked', id, '--relay', relay.url], TOKEN)
    const stranger = await runAside(['parked', '--relay', relay.url], {
      FORM_SYNC_CONSOLE_TOKEN: 'another-token-of-some-length',
    })
    const replayed = await runAside(['replay', id, '--rename', 'Hafen__c=Harbour__c', '--relay', relay.url], TOKEN)
    await relay.stands({ state: 'ok', parked: 0, delivered: 1 })
    const [after] = await people()

    expect(before?.attributes).toMatchObject({ FirstName: 'Ana' })
    expect(before?.attributes).not.toHaveProperty('Harbour__c')
    expect(here.printed).toContain('20105 Lead Attribute Bad: Hafen__c; delivered but for Hafen__c')
    expect(there.printed).toMatch(/^delivered +as lead \d+, but for the attributes here\nattributes +Hafen__c\n/m)
    expect(here.printed + there.printed).not.toMatch(/ana@|Cádiz/)
    expect(stranger).toEqual({ code: 2, printed: expect.stringContaining('does not take this') as string })
    expect(replayed).toEqual({ code: 0, printed: expect.stringMatching(/^Replayed 1 lead\.\n/) as string })
    expect(after).toMatchObject({ id: before?.id, attributes: { FirstName: 'Ana', Harbour__c: 'Cádiz' } })
  })
})

/** A relay as its own process, whose form has a field that Marketo knows by another name. */
async function startRelay(marketo: string) {
  const folder = makeFolder()
  const [forms, data] = [join(folder, 'forms.json'), join(folder, 'data')]
  const fields = {
    Email: { type: 'email', required: true },
    first: { attribute: 'FirstName' },
    harbour: { attribute: 'Hafen__c' },
  }
  writeFileSync(forms, JSON.stringify({ forms: { contact: { origins: [ACME], fields } } }))
  const program = await startProgram(
    [COMMAND, 'serve', '--forms', forms, '--data', data, '--port', '0', '--host', '127.0.0.1'],
    {
      MARKETO_SOAP_ENDPOINT: `${marketo}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
      ...TOKEN,
    },
    /listens at (\S+)/,
  )
  onTestFinished(async () => void (await program.end('SIGKILL')))
  const url = program.ready[1] ?? ''
  return {
    url,
    data,
    /** Waits until it says so of itself. */
    stands: (state: object) =>
      vi.waitFor(async () => expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject(state), {
        timeout: 10_000,
        interval: 10,
      }),
  }
}
