import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LeadsMissing } from '../../../../relay/runtime/node/accepted-record.ts'
import type { OutboxOptions, Quarantined } from '../../../../relay/runtime/node/open-outbox.ts'
import { makeFolder } from '../../../support/folder.ts'
import { filledOutbox, open, overwritePages, waitingIn } from '../../../support/outbox-file.ts'
import { idsOf, LATER, lead, ofOnePerson, SECOND, settleBatch, T } from '../../../suites/outbox/leads.ts'

/** The SQL statements in docs/deploy.md that turn recovered rows into an outbox. */
const [DOCUMENTED_SQL = ''] =
  readFileSync(join(import.meta.dirname, '../../../../docs/deploy.md'), 'utf8').match(
    /(?<=```sql\n)[^`]*application_id[^`]+/,
  ) ?? []

/** Opens the outbox until the test has finished, and collects the reported quarantines. */
async function start(path: string, options: Partial<OutboxOptions> = {}) {
  const quarantined: Quarantined[] = []
  const opened = await open(path, { onQuarantine: (event) => quarantined.push(event), ...options })
  onTestFinished(() => opened.sql.close())
  return { ...opened, quarantined }
}

/** Creates an outbox as a power cut leaves it: the database file, and a log with one more lead. */
async function afterPowerCut(): Promise<{ folder: string; path: string }> {
  const { path: live } = await filledOutbox(50)
  const { sql, outbox } = await open(live)
  await outbox.add([lead('in-the-log')], T)
  const folder = makeFolder()
  const path = join(folder, 'outbox.sqlite')
  for (const suffix of ['', '-wal']) copyFileSync(`${live}${suffix}`, `${path}${suffix}`)
  sql.close()
  return { folder, path }
}

describe('an outbox file that is damaged when the relay starts', () => {
  it.each<[state: string, found: RegExp, corrupt: (path: string) => void]>([
    // The list of tables takes several pages.
    ['some of its pages are overwritten', /^Tree \d+ page \d+|malformed/, (path) => overwritePages(path, 4)],
    ['all pages but the first are overwritten', /^Tree \d+ page \d+|malformed/, (path) => overwritePages(path, 2)],
    ['it is truncated', /malformed/, (path) => truncateSync(path, 5 * 4_096)],
    ['it is truncated within the first page', /malformed|not a database/, (path) => truncateSync(path, 700)],
    ['it contains only zeros', /not a database/, (path) => writeFileSync(path, new Uint8Array(8_192))],
    ['it is not a database', /not a database/, (path) => writeFileSync(path, 'Dear diary. '.repeat(100))],
  ])('is quarantined and replaced by a new one when %s', async (_, found, corrupt) => {
    const { folder, path } = await filledOutbox(300)
    corrupt(path)
    const bytes = readFileSync(path)

    const { outbox, quarantined, notices } = await start(path, { now: () => Date.UTC(2026, 10, 23, 9, 30, 5, 7) })
    await outbox.add([lead('new')], T)

    const name = 'outbox.damaged-20261123T093005Z.sqlite'
    expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true)
    expect(await outbox.status(T)).toMatchObject({ waiting: 1 })
    expect(quarantined).toMatchObject([{ event: 'quarantined', file: join(folder, name) }])
    expect(quarantined[0]?.found).toMatch(found)
    expect(quarantined[0]?.advice).toContain(`sqlite3 ${join(folder, name)} .recover`)
    expect(notices()).toEqual({ damaged: [name] })
  })

  it('is quarantined together with its unchanged log', async () => {
    const { folder, path } = await afterPowerCut()
    overwritePages(path, 4)
    const before = ['', '-wal'].map((suffix) => readFileSync(`${path}${suffix}`))

    const { quarantined } = await start(path)

    const after = ['', '-wal'].map((suffix) => readFileSync(`${quarantined[0]?.file}${suffix}`))
    expect(after.map((bytes, at) => before[at]?.equals(bytes))).toEqual([true, true])
    expect(before[1]?.includes('in-the-log')).toBe(true)
    expect(readdirSync(folder).filter((name) => name === 'outbox.sqlite')).toHaveLength(1)
  })

  it('is quarantined when the corruption shows only on use', async () => {
    const { path } = await filledOutbox(300)
    // The first call of the clock comes after the file was checked and opened.
    let calls = 0
    const now = () => {
      calls += 1
      if (calls === 1) overwritePages(path, 2)
      return T
    }

    const { outbox, quarantined } = await start(path, { now })

    expect(quarantined).toMatchObject([{ found: 'database disk image is malformed' }])
    expect(await outbox.status(T)).toMatchObject({ waiting: 0 })
  })

  it('never overwrites a file that was quarantined before', async () => {
    const { folder, path } = await filledOutbox(1)
    const contents = ['first', 'second', 'third']

    for (const content of contents) {
      writeFileSync(path, content.repeat(1_000))
      const { sql } = await open(path)
      sql.close()
    }

    const { notices } = await start(path)
    const { damaged = [] } = notices()
    expect(damaged).toHaveLength(3)
    expect(damaged.map((name) => readFileSync(join(folder, name), 'utf8').slice(0, 5)).toSorted()).toEqual([
      'first',
      'secon',
      'third',
    ])
  })

  it('is named in the notices until it is moved away', async () => {
    const { folder, path } = await filledOutbox(1)
    writeFileSync(path, 'Dear diary. '.repeat(100))
    const { sql } = await open(path)
    sql.close()

    const { quarantined, notices } = await start(path)
    const before = notices()
    rmSync(join(folder, before.damaged?.[0] ?? ''))

    expect(quarantined).toEqual([])
    expect(before.damaged).toHaveLength(1)
    expect(notices()).toEqual({})
  })
})

describe('the leads in a quarantined outbox', () => {
  /** Overwrites the last page, which belongs to the leads or to an index of theirs. */
  const overwriteLastPage = (path: string) => overwritePages(path, statSync(path).size / 4_096)

  it.each<[state: string, corrupt: (path: string) => void, count: number, words: string]>([
    ['its counters can be read', overwriteLastPage, 300, '.sqlite (300 leads)'],
    ['nothing can be read', (path) => writeFileSync(path, 'Dear diary. '.repeat(100)), 0, '.sqlite (at least 0 leads)'],
  ])('are an issue with their number, as far as it can be read, when %s', async (_, corrupt, count, words) => {
    const { folder, path } = await filledOutbox(300)
    corrupt(path)

    const { outbox, issues, notices } = await start(path)
    await outbox.add([lead('new')], T)
    const before = issues()
    const again = issues()
    for (const name of notices().damaged ?? []) rmSync(join(folder, name))

    expect(before).toMatchObject([{ kind: 'quarantined', count, reason: expect.stringContaining(words) as string }])
    expect(before[0]?.reason).toContain('Recover them')
    expect(again).toEqual(before)
    expect(issues()).toEqual([])
  })

  it.each<[number: string, lastPageOf: string, min: number, words: RegExp]>([
    ['without delivered ones', 'the file', 299, /\(299 leads\)/],
    // A page has only some leads.
    ['up to the damage', 'the leads', 200, /\(at least 2\d\d leads\)/],
  ])('are counted row by row when the counters are damaged: %s', async (_, what, min, words) => {
    const { path } = await filledOutbox(300)
    const { sql, outbox } = await open(path)
    const [batch] = await outbox.claim(T + SECOND, LATER, 1)
    await outbox.settle(batch!.id, [{ id: 'lead-0', attempt: 1, kind: 'delivered', leadId: 7 }], T + SECOND)
    sql.close()
    const db = new DatabaseSync(path)
    db.exec('DROP TABLE counter')
    const ofLeads = db.prepare(`SELECT max(pageno) AS page FROM dbstat WHERE name = 'job'`).get()?.page
    db.close()
    if (what === 'the file') overwriteLastPage(path)
    else overwritePages(path, ofLeads as number)

    const { issues } = await start(path)

    expect(issues()).toMatchObject([{ kind: 'quarantined', reason: expect.stringMatching(words) as string }])
    expect(issues()[0]?.count).toBeGreaterThanOrEqual(min)
    expect(issues()[0]?.count).toBeLessThanOrEqual(299)
  })

  it('are an unknown number in a log without its database', async () => {
    const { path } = await afterPowerCut()
    rmSync(path)

    const { issues } = await start(path)

    expect(issues()).toMatchObject([
      { kind: 'quarantined', count: 0, reason: expect.stringContaining('.wal (an unknown number of leads)') as string },
    ])
  })
})

describe('an outbox that knows of fewer leads than were accepted', () => {
  /** Creates an outbox as a crash leaves it: three leads in the file, and two more in the log. */
  async function afterCrash(): Promise<{ folder: string; path: string }> {
    const { folder: live, path: livePath } = await filledOutbox(3)
    const { sql, outbox } = await open(livePath)
    await outbox.add([lead('in-the-log'), lead('in-the-log-too')], T)
    // A known id is no further lead.
    await outbox.add([lead('in-the-log')], T)
    const folder = makeFolder()
    for (const name of readdirSync(live)) copyFileSync(join(live, name), join(folder, name))
    sql.close()
    return { folder, path: join(folder, 'outbox.sqlite') }
  }

  it.each<[how: string, lose: (path: string) => Promise<void> | void, missing: number]>([
    ['its log was deleted', (path) => rmSync(`${path}-wal`), 2],
    [
      'an older copy was put in its place',
      async (path) => {
        const older = await filledOutbox(1)
        for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`)
        copyFileSync(older.path, path)
      },
      4,
    ],
    [
      'it was deleted',
      (path) => {
        for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`)
      },
      5,
    ],
  ])('reports how many are missing when %s, until the report is deleted', async (_, lose, missing) => {
    const { path } = await afterCrash()
    await lose(path)
    const events: LeadsMissing[] = []
    const now = () => Date.UTC(2026, 10, 23, 9, 30, 5, 7)

    const first = await open(path, { now, onMissing: (event) => events.push(event) })
    first.sql.close()
    const again = await start(path, { now, onMissing: (event) => events.push(event) })
    await again.outbox.add([lead('new')], T)
    const issues = again.issues()
    for (const { file } of events) rmSync(file)

    expect(events).toMatchObject([{ event: 'leads-missing', leads: missing, file: expect.any(String) as string }])
    expect(basename(events[0]!.file)).toBe('outbox.missing-20261123T093005007Z.json')
    expect(events[0]?.reason).toContain(`5 leads were accepted, and ${path} knows of ${5 - missing}`)
    expect(issues).toMatchObject([
      { kind: 'missing', count: missing, reason: expect.stringContaining('outbox.missing-20261123') as string },
    ])
    expect(again.issues()).toEqual([])
  })

  it.each<[what: string, use: (path: string) => void]>([
    ['nothing has touched it', () => {}],
    [
      'another program has opened it, which copies the log into the file and deletes it',
      (path) => {
        const db = new DatabaseSync(path)
        db.exec('VACUUM')
        db.close()
      },
    ],
    ['its record cannot be read', (path) => writeFileSync(path.replace('.sqlite', '.accepted'), 'Dear diary')],
  ])('is not reported after a crash when %s', async (_, use) => {
    const { path } = await afterCrash()
    use(path)
    const events: LeadsMissing[] = []

    const { outbox, issues } = await start(path, { onMissing: (event) => events.push(event) })

    expect(events).toEqual([])
    expect(issues()).toEqual([])
    expect(await outbox.status(T)).toMatchObject({ waiting: 5 })
  })

  it('is not reported when it is new because the damaged one was quarantined', async () => {
    const { path } = await afterCrash()
    overwritePages(path, 2)
    const events: LeadsMissing[] = []

    const first = await open(path, { onMissing: (event) => events.push(event) })
    first.sql.close()
    const again = await start(path, { onMissing: (event) => events.push(event) })

    expect(events).toEqual([])
    expect(again.issues()).toMatchObject([{ kind: 'quarantined' }])
  })
})

describe('a log without its database file', () => {
  it.each<[how: string, lose: (path: string) => void]>([
    ['is missing', (path) => rmSync(path)],
    ['is empty', (path) => truncateSync(path)],
  ])('is quarantined before SQLite deletes it when the file %s', async (_, lose) => {
    const { folder, path } = await afterPowerCut()
    const log = readFileSync(`${path}-wal`)
    lose(path)

    const { outbox, quarantined, notices } = await start(path)
    await outbox.add([lead('new')], T)

    const file = quarantined[0]?.file ?? ''
    expect(readFileSync(file).equals(log)).toBe(true)
    expect(notices()).toEqual({ damaged: [basename(file)] })
    expect(quarantined[0]).toMatchObject({ found: expect.stringContaining('gone or empty') as string })
    expect(readdirSync(folder)).toContain('outbox.sqlite')
  })

  it('still has all its leads when it is put beside its file again', async () => {
    const { folder, path } = await afterPowerCut()
    const elsewhere = join(makeFolder(), 'outbox.sqlite')
    renameSync(path, elsewhere)
    const { quarantined } = await start(path)

    renameSync(quarantined[0]?.file ?? '', `${elsewhere}-wal`)

    expect(await waitingIn(elsewhere)).toBe(51)
    expect(await waitingIn(join(folder, 'outbox.sqlite'))).toBe(0)
  })
})

describe('an outbox that is not damaged', () => {
  it.each<[what: string, make: () => Promise<{ path: string }>, waiting: number]>([
    ['new', async () => ({ path: join(makeFolder(), 'outbox.sqlite') }), 0],
    ['left by a relay that was closed', () => filledOutbox(300), 300],
    ['left by a power cut', afterPowerCut, 51],
  ])('is opened with all its leads when it is %s', async (_, make, waiting) => {
    const { path } = await make()

    const { outbox, quarantined, notices } = await start(path)

    expect(await outbox.status(T)).toMatchObject({ waiting })
    expect(quarantined).toEqual([])
    expect(notices()).toEqual({})
  })

  it('is rejected and left unchanged when a newer form-sync has written it', async () => {
    const { path } = await filledOutbox(1)
    const newer = new DatabaseSync(path)
    newer.exec('UPDATE meta SET version = 99')
    newer.close()
    const before = readFileSync(path)

    await expect(start(path)).rejects.toThrow(
      /outbox\.sqlite cannot be used: the outbox has version 99, .* run a newer form-sync\. It was left as it is/,
    )
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it.each<[state: string, corrupt: (path: string) => void]>([
    ['intact', () => {}],
    ['damaged', (path) => overwritePages(path, 2)],
  ])('is rejected and left unchanged when it is the %s file of another program', async (_, corrupt) => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const other = new DatabaseSync(path)
    other.exec(`CREATE TABLE theirs (a); INSERT INTO theirs VALUES ('x')`)
    other.close()
    corrupt(path)
    const before = readFileSync(path)

    await expect(start(path)).rejects.toThrow(
      'it is a SQLite file of another program. It was left as it is: choose another folder',
    )
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(`${path}-wal`)).toBe(false)
  })
})

describe('the rows recovered from a damaged outbox', () => {
  it('become an outbox with the SQL of docs/deploy.md, in which each person’s oldest lead can be sent', async () => {
    const { path } = await filledOutbox(3)
    const { sql, outbox } = await open(path)
    await outbox.add(ofOnePerson('lost', 'next', 'last'), T)
    sql.close()
    const recovered = new DatabaseSync(path)
    // SQLite's .recover may find only some of the rows, and may leave out the application id.
    recovered.exec(`
      DELETE FROM job WHERE id IN ('lost', 'lead-1');
      PRAGMA application_id = 0`)

    recovered.exec(DOCUMENTED_SQL)
    recovered.close()

    const { outbox: again } = await start(path)
    const [first] = await again.claim(T + SECOND, LATER, 10)
    expect(await again.status(T)).toMatchObject({ waiting: 4, parked: 0, delivered: 0 })
    await settleBatch(again, first!, { kind: 'delivered', leadId: 7 }, T + SECOND)
    const second = await again.claim(T + SECOND, LATER, 10)
    expect(idsOf([first!, ...second])).toEqual([['lead-0', 'lead-2', 'next'], ['last']])
  })
})
