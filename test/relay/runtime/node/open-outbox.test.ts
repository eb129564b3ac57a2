import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { OutboxOptions, Quarantined } from '../../../../relay/runtime/node/open-outbox.ts'
import { makeFolder } from '../../../support/folder.ts'
import { filledOutbox, open, overwritePages, waitingIn } from '../../../support/outbox-file.ts'
import { LATER, lead, ofOnePerson, SECOND, T } from '../../../suites/outbox/leads.ts'

/** The statements on the page. */
const [SAID = ''] =
  readFileSync(join(import.meta.dirname, '../../../../docs/deploy.md'), 'utf8').match(
    /(?<=```sql\n)[^`]*application_id[^`]+/,
  ) ?? []

/** Opens it for the rest of the test, and says what was told. */
async function start(path: string, options: Partial<OutboxOptions> = {}) {
  const told: Quarantined[] = []
  const opened = await open(path, { tell: (event) => told.push(event), ...options })
  onTestFinished(() => opened.sql.close())
  return { ...opened, told }
}

/** The file, and what SQLite has beside it, as they are on the disk of a machine that lost its power. */
async function afterPowerCut(): Promise<{ folder: string; path: string }> {
  const { path: live } = await filledOutbox(50)
  const { sql, outbox } = await open(live)
  await outbox.add([lead('in-the-log')], T)
  const folder = makeFolder()
  const path = join(folder, 'outbox.sqlite')
  for (const part of ['', '-wal']) copyFileSync(`${live}${part}`, `${path}${part}`)
  sql.close()
  return { folder, path }
}

describe('an outbox that is damaged when the relay starts', () => {
  it.each<[damage: string, found: RegExp, doIt: (path: string) => void]>([
    ['some of its pages are overwritten', /^Tree \d+ page \d+/, (path) => overwritePages(path, 4)],
    ['the first page alone is left', /^Tree \d+ page \d+/, (path) => overwritePages(path, 2)],
    ['it is cut short', /malformed/, (path) => truncateSync(path, 5 * 4_096)],
    ['it ends within its first page', /malformed|not a database/, (path) => truncateSync(path, 700)],
    ['it is all zeros', /not a database/, (path) => writeFileSync(path, new Uint8Array(8_192))],
    ['it is no database', /not a database/, (path) => writeFileSync(path, 'Dear diary. '.repeat(100))],
  ])('is set aside, and a new one is begun: %s', async (_, found, damage) => {
    const { folder, path } = await filledOutbox(300)
    damage(path)
    const bytes = readFileSync(path)

    const { outbox, told, notices } = await start(path, { now: () => Date.UTC(2026, 10, 23, 9, 30, 5, 7) })
    await outbox.add([lead('new')], T)

    const name = 'outbox.damaged-20261123T093005Z.sqlite'
    expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true)
    expect(await outbox.status(T)).toMatchObject({ waiting: 1 })
    expect(told).toMatchObject([{ event: 'set-aside', file: join(folder, name) }])
    expect(told[0]?.found).toMatch(found)
    expect(told[0]?.advice).toContain(`sqlite3 ${join(folder, name)} .recover`)
    expect(notices()).toEqual({ damaged: [name] })
  })

  it('is set aside with its log as it was', async () => {
    const { folder, path } = await afterPowerCut()
    overwritePages(path, 4)
    const before = ['', '-wal'].map((part) => readFileSync(`${path}${part}`))

    const { told } = await start(path)

    const after = ['', '-wal'].map((part) => readFileSync(`${told[0]?.file}${part}`))
    expect(after.map((bytes, at) => before[at]?.equals(bytes))).toEqual([true, true])
    expect(before[1]?.includes('in-the-log')).toBe(true)
    expect(readdirSync(folder).filter((name) => name === 'outbox.sqlite')).toHaveLength(1)
  })

  it('is set aside also when only its use shows it', async () => {
    const { path } = await filledOutbox(300)
    // The clock is asked when the file has been looked through and opened.
    let asked = 0
    const now = () => {
      asked += 1
      if (asked === 1) overwritePages(path, 2)
      return T
    }

    const { outbox, told } = await start(path, { now })

    expect(told).toMatchObject([{ found: 'database disk image is malformed' }])
    expect(await outbox.status(T)).toMatchObject({ waiting: 0 })
  })

  it('never takes the name of one that was set aside before', async () => {
    const { folder, path } = await filledOutbox(1)
    const diaries = ['first', 'second', 'third']

    for (const diary of diaries) {
      writeFileSync(path, diary.repeat(1_000))
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

  it('is told of for as long as it lies there', async () => {
    const { folder, path } = await filledOutbox(1)
    writeFileSync(path, 'Dear diary. '.repeat(100))
    const { sql } = await open(path)
    sql.close()

    const { told, notices } = await start(path)
    const before = notices()
    rmSync(join(folder, before.damaged?.[0] ?? ''))

    expect(told).toEqual([])
    expect(before.damaged).toHaveLength(1)
    expect(notices()).toEqual({})
  })
})

describe('a log whose file is lost', () => {
  it.each<[how: string, lose: (path: string) => void]>([
    ['is gone', (path) => rmSync(path)],
    ['is empty', (path) => truncateSync(path)],
  ])('is kept where SQLite does not delete it: the file %s', async (_, lose) => {
    const { folder, path } = await afterPowerCut()
    const log = readFileSync(`${path}-wal`)
    lose(path)

    const { outbox, told, notices } = await start(path)
    await outbox.add([lead('new')], T)

    const file = told[0]?.file ?? ''
    expect(readFileSync(file).equals(log)).toBe(true)
    expect(notices()).toEqual({ damaged: [basename(file)] })
    expect(told[0]).toMatchObject({ found: expect.stringContaining('gone or empty') as string })
    expect(readdirSync(folder)).toContain('outbox.sqlite')
  })

  it('gives all it holds once it lies beside its file again', async () => {
    const { folder, path } = await afterPowerCut()
    const elsewhere = join(makeFolder(), 'outbox.sqlite')
    renameSync(path, elsewhere)
    const { told } = await start(path)

    renameSync(told[0]?.file ?? '', `${elsewhere}-wal`)

    expect(await waitingIn(elsewhere)).toBe(51)
    expect(await waitingIn(join(folder, 'outbox.sqlite'))).toBe(0)
  })
})

describe('an outbox that is not damaged', () => {
  it.each<[what: string, make: () => Promise<{ path: string }>, waiting: number]>([
    ['a new one', async () => ({ path: join(makeFolder(), 'outbox.sqlite') }), 0],
    ['one of a relay that has ended', () => filledOutbox(300), 300],
    ['one of a relay that lost its power', afterPowerCut, 51],
  ])('is gone on with: %s', async (_, make, waiting) => {
    const { path } = await make()

    const { outbox, told, notices } = await start(path)

    expect(await outbox.status(T)).toMatchObject({ waiting })
    expect(told).toEqual([])
    expect(notices()).toEqual({})
  })

  it('is refused and left when a newer form-sync has written it', async () => {
    const { path } = await filledOutbox(1)
    const newer = new DatabaseSync(path)
    newer.exec('UPDATE meta SET version = 99')
    newer.close()
    const before = readFileSync(path)

    await expect(start(path)).rejects.toThrow(
      /outbox\.sqlite cannot be used: the outbox has version 99 .* run a newer form-sync\. It was left as it is/,
    )
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it.each<[state: string, damage: (path: string) => void]>([
    ['sound', () => {}],
    ['damaged', (path) => overwritePages(path, 2)],
  ])('is refused and left when another program has written it, %s', async (_, damage) => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const other = new DatabaseSync(path)
    other.exec(`CREATE TABLE theirs (a); INSERT INTO theirs VALUES ('x')`)
    other.close()
    damage(path)
    const before = readFileSync(path)

    await expect(start(path)).rejects.toThrow(
      'it is a SQLite file of another program. It was left as it is: start with another folder',
    )
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(`${path}-wal`)).toBe(false)
  })
})

describe('what was got out of a damaged outbox', () => {
  it('is an outbox again by what docs/deploy.md says: each person’s oldest lead that is left may go', async () => {
    const { path } = await filledOutbox(3)
    const { sql, outbox } = await open(path)
    await outbox.add(ofOnePerson('lost', 'next', 'last'), T)
    sql.close()
    const recovered = new DatabaseSync(path)
    // SQLite's .recover writes the rows that it finds past every trigger, and may leave the mark of the program out.
    recovered.exec(`
      DROP TRIGGER job_removed;
      DELETE FROM job WHERE id IN ('lost', 'lead-1');
      PRAGMA application_id = 0`)

    recovered.exec(SAID)
    recovered.close()

    const { outbox: again } = await start(path)
    const calls = await again.claim(T + SECOND, LATER, 10)
    expect(await again.status(T)).toMatchObject({ waiting: 4, parked: 0, delivered: 0 })
    expect(calls.flatMap(({ turns }) => turns.flat().map(({ lead: { id } }) => id))).toEqual([
      'lead-0',
      'lead-2',
      'next',
      'last',
    ])
  })
})
