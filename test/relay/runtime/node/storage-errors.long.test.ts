/** Runs the relay as a process whose disk fills up or fails, and checks its responses, its leads and its messages. */
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { serveSimulator } from '../../../../demo/simulator/serve.ts'
import type { CallView, LimitsView, PersonView } from '../../../../demo/simulator/view.ts'
import { failToStart, FULL, MAY_MOUNT, NO_GROWTH, NO_WRITE, startOnDisk, type Disk } from '../../../support/disk.ts'
import { lockFolder } from '../../../../relay/runtime/node/folder-lock.ts'
import { makeFolder } from '../../../support/folder.ts'
import { filledOutbox, overwritePages, waitingIn } from '../../../support/outbox-file.ts'
import { freePort } from '../../../support/process.ts'
import { startReader } from '../../../support/reader.ts'

const SOON = { timeout: 20_000, interval: 20 }

const DISKS: [kind: string, reason: RegExp, disk: Disk][] = [
  ...(MAY_MOUNT ? ([['is full', /database or disk is full.*Free some space/, FULL]] as [string, RegExp, Disk][]) : []),
  ['allows no file to grow', /disk I\/O error\. The disk has failed, is full .*quota.*dmesg/, NO_GROWTH],
  ['rejects every write', /disk I\/O error\. The disk has failed, .*read-only.*dmesg/, NO_WRITE],
]

async function startMarketo(port = 0) {
  const simulator = await serveSimulator({ port })
  onTestFinished(() => simulator.close())
  const ask = async <T>(path: string) => (await (await fetch(`${simulator.url}/sim/${path}`)).json()) as T
  return {
    url: simulator.url,
    emails: async () => (await ask<PersonView[]>('leads')).map(({ email }) => email),
    calls: () => ask<CallView[]>('calls'),
    limits: () => ask<LimitsView>('limits'),
    slow: (ms: number) =>
      fetch(`${simulator.url}/sim/faults`, { method: 'POST', body: JSON.stringify({ fault: 'slow', ms, times: 1 }) }),
  }
}

describe.each(DISKS)('a disk that %s', { timeout: 30_000 }, (_, reason, disk) => {
  it('rejects leads, loses none, and is used again when it works', async () => {
    const port = await freePort()
    const relay = await startOnDisk({ disk, marketo: `http://127.0.0.1:${port}` })
    const before = [await relay.send('ana'), await relay.send('ben')]

    relay.breakDisk()
    const rejected = await Promise.all(Array.from({ length: 20 }, (_, n) => relay.send(`rejected-${n}`)))
    const unready = await relay.readiness()
    const lost = expect.objectContaining({ kind: 'not-kept', change: 'started' }) as object
    await vi.waitFor(() => expect(relay.events('alert')).toContainEqual(lost), SOON)
    const marketo = await startMarketo(port)
    relay.repairDisk()
    const after = await relay.send('cleo')
    const ready = await relay.readiness()

    expect(before.map(({ status }) => status)).toEqual([202, 202])
    expect(rejected.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
      Array.from({ length: 20 }, () => [503, '5']),
    )
    expect(unready).toMatchObject({
      status: 503,
      body: { ready: false, reason: expect.stringMatching(reason) as string },
    })
    expect(after.status).toBe(202)
    expect(ready).toMatchObject({ status: 200, body: { ready: true } })
    await vi.waitFor(
      async () =>
        expect(new Set(await marketo.emails())).toEqual(
          new Set(['ana@harbour.example', 'ben@harbour.example', 'cleo@harbour.example']),
        ),
      SOON,
    )
  })

  it('causes no second delivery when a delivery cannot be recorded', async () => {
    const marketo = await startMarketo()
    await marketo.slow(500)
    const relay = await startOnDisk({ disk, marketo: marketo.url })
    await relay.send('ana')
    await vi.waitFor(async () => expect(await marketo.limits()).toMatchObject({ used: { now: 1 } }), SOON)

    relay.breakDisk()
    await vi.waitFor(() => expect(relay.events('error').map(({ where }) => where)).toContain('settle'), SOON)
    for (let n = 0; n < 20; n += 1) await relay.send(`rejected-${n}`)
    const issues = relay.events('error').length
    relay.repairDisk()
    await relay.send('ben')

    // The first retry comes at once, the next ones every five seconds.
    expect(issues).toBeLessThanOrEqual(3)
    await vi.waitFor(async () => expect((await relay.readiness()).body).toMatchObject({ delivered: 2 }), SOON)
    expect(await marketo.emails()).toEqual(['ana@harbour.example', 'ben@harbour.example'])
    expect(await marketo.calls()).toMatchObject([{ operation: 'syncLead', ok: true }, { ok: true }])
  })
})

/** Command that runs a program without root's right to ignore file permissions. */
const WITHOUT_PRIVILEGES = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : []

describe('a relay that cannot store leads at its start', { timeout: 30_000 }, () => {
  it.each<[limit: string, bytes: number, message: RegExp]>([
    ['nothing', 0, /^No lead can be kept in \S+: disk I\/O error\. The disk has failed, is full or read-only/],
    // The lock file needs less, SQLite's files beside an outbox need more.
    [
      'two pages',
      8_192,
      /outbox\.sqlite cannot be opened as an outbox: disk I\/O error\. The disk has failed, is full or read-only/,
    ],
  ])('reports a disk on which it can write %s, and leaves the outbox unchanged', async (_, bytes, message) => {
    const { folder, path } = await filledOutbox(2)
    const before = readFileSync(path)

    const { status, stderr } = failToStart(folder, ['prlimit', `--fsize=${bytes}`])

    expect(status).toBe(1)
    expect(stderr).toMatch(message)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(await waitingIn(path)).toBe(2)
  })

  it.each<[what: string, protect: (folder: string) => void, message: RegExp]>([
    [
      'a folder',
      (folder) => chmodSync(folder, 0o555),
      /^No lead can be kept in \S+: EACCES: permission denied.* right to read and write the folder .* --data\.$/m,
    ],
    [
      'a folder with a lock file',
      (folder) => {
        lockFolder(folder).release()
        chmodSync(folder, 0o555)
      },
      /^No lead can be kept in \S+: attempt to write a readonly database\. Give .* right to .* --data\.$/m,
    ],
    [
      'an outbox',
      (folder) => chmodSync(join(folder, 'outbox.sqlite'), 0o444),
      /outbox\.sqlite cannot be .*: attempt to write a readonly database\. Give .* right to read and write/,
    ],
    [
      'or read an outbox',
      (folder) => chmodSync(join(folder, 'outbox.sqlite'), 0o000),
      /outbox\.sqlite cannot be .*: unable to open database file\. Check that .* may read and write it/,
    ],
  ])('reports that its user may not write %s, and leaves it unchanged', async (_, protect, message) => {
    const { folder, path } = await filledOutbox(2)
    const before = readFileSync(path)
    const unprotect = () => {
      chmodSync(folder, 0o700)
      chmodSync(path, 0o600)
    }
    onTestFinished(unprotect)

    protect(folder)
    const { status, stderr } = failToStart(folder, WITHOUT_PRIVILEGES)

    unprotect()
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([])
  })
})

describe('an outbox file that is moved away while its relay runs', { timeout: 30_000 }, () => {
  it('rejects leads, delivers the waiting ones, and is used again when it is back', async () => {
    const port = await freePort()
    const folder = makeFolder()
    const path = join(folder, 'outbox.sqlite')
    const relay = await startOnDisk({ folder, marketo: `http://127.0.0.1:${port}` })
    const before = await relay.send('ana')

    renameSync(path, `${path}.bak`)
    const rejected = await Promise.all(['ben', 'cleo', 'dan'].map((name) => relay.send(name)))
    const unready = await relay.readiness()
    const marketo = await startMarketo(port)
    await vi.waitFor(async () => expect(await marketo.emails()).toContain('ana@harbour.example'), SOON)
    renameSync(`${path}.bak`, path)
    const after = await relay.send('eve')
    const ready = await relay.readiness()

    expect([before.status, after.status]).toEqual([202, 202])
    expect(rejected.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
      [1, 2, 3].map(() => [503, '5']),
    )
    expect(unready).toMatchObject({
      status: 503,
      body: { ready: false, reason: expect.stringContaining('outbox.sqlite was moved away') as string },
    })
    expect(ready).toMatchObject({ status: 200, body: { ready: true } })
  })
})

describe('an outbox file that another process reads for long', { timeout: 30_000 }, () => {
  // With a wait for the reader each lead took more than five seconds.
  it('makes no lead wait: forms are accepted and delivered as always', async () => {
    const marketo = await startMarketo()
    const folder = makeFolder()
    const relay = await startOnDisk({ folder, marketo: marketo.url })
    await startReader(join(folder, 'outbox.sqlite'))
    const names = Array.from({ length: 10 }, (_, n) => `ana-${n}`)

    const statuses: number[] = []
    for (const name of names) {
      statuses.push((await relay.send(name)).status)
      await vi.waitFor(async () => expect(await marketo.emails()).toContain(`${name}@harbour.example`), SOON)
    }

    expect(statuses).toEqual(names.map(() => 202))
    expect(await relay.readiness()).toMatchObject({ status: 200, body: { state: 'ok', issues: [], delivered: 10 } })
  })
})

describe('an outbox whose log is deleted between two runs of its relay', { timeout: 30_000 }, () => {
  it('is reported in the log and in /readyz with the number of missing leads, and forms go on working', async () => {
    const folder = makeFolder()
    const first = await startOnDisk({ folder })
    const before = [await first.send('ana'), await first.send('ben')]
    await first.program.end('SIGKILL')
    rmSync(join(folder, 'outbox.sqlite-wal'))

    const again = await startOnDisk({ folder })
    const after = await again.send('cleo')
    const { status, body } = await again.readiness()

    expect([...before, after].map((answer) => answer.status)).toEqual([202, 202, 202])
    expect(again.events('leads-missing')).toMatchObject([
      { leads: 2, reason: expect.stringContaining('2 leads were accepted') as string },
    ])
    expect([status, body]).toMatchObject([200, { ready: true, backlog: 1 }])
    expect(body.issues).toContainEqual(expect.objectContaining({ kind: 'missing', count: 2 }))
  })
})

describe('an outbox file that is damaged', { timeout: 30_000 }, () => {
  it('is quarantined at the start, is named in the log and in /readyz, and forms go on working', async () => {
    const { folder, path } = await filledOutbox(300)
    overwritePages(path, 4)

    const relay = await startOnDisk({ folder })
    const answer = await relay.send('ana')
    const { status, body } = await relay.readiness()

    const [event] = relay.events('quarantined') as { file: string; found: string; advice: string }[]
    const files = readdirSync(folder).filter((name) => /^outbox\.damaged-\d{8}T\d{6}Z\.sqlite$/.test(name))
    expect(answer.status).toBe(202)
    expect([event?.file]).toEqual(files.map((name) => join(folder, name)))
    expect(event?.advice).toContain(`sqlite3 ${event?.file} .recover`)
    expect([status, body]).toMatchObject([200, { ready: true, backlog: 1, damaged: files }])
    expect(body.issues).toContainEqual(expect.objectContaining({ kind: 'quarantined', count: expect.any(Number) }))
    await vi.waitFor(
      () => expect(relay.events('alert')).toMatchObject([{ change: 'started', kind: 'quarantined' }]),
      SOON,
    )
  })

  it('is no longer written to while the relay runs, and is quarantined at its restart', async () => {
    // The leads are not due: a delivery would copy their pages to the log, where they stay readable.
    const { folder, path } = await filledOutbox(2_000, Date.now() + 3_600_000)
    const relay = await startOnDisk({ folder })
    const before = await relay.readiness()

    overwritePages(path, 2)
    const rejected = [await relay.send('ana'), await relay.send('ben')]
    const unready = await relay.readiness()
    const code = await relay.program.end()
    const again = await startOnDisk({ folder })
    const after = await again.send('cleo')

    expect(before).toMatchObject({ status: 200 })
    expect(rejected.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [503, '5'],
      [503, '5'],
    ])
    expect(unready).toMatchObject({
      status: 503,
      body: { ready: false, reason: expect.stringMatching(/malformed\. The file is damaged\. Restart/) as string },
    })
    expect(code).toBe(0)
    expect(again.events('quarantined')).toHaveLength(1)
    expect(after.status).toBe(202)
  })
})
