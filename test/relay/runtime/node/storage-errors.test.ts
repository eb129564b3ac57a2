/** The relay as a process of its own whose disk fills up or fails: what it answers, what it keeps, what it says. */
import { chmodSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { serveSimulator } from '../../../../demo/simulator/serve.ts'
import type { CallView, LimitsView, PersonView } from '../../../../demo/simulator/view.ts'
import { failToStart, FULL, MAY_MOUNT, NO_GROWTH, NO_WRITE, startOnDisk, type Disk } from '../../../support/disk.ts'
import { holdFolder } from '../../../../relay/runtime/node/folder-lock.ts'
import { makeFolder } from '../../../support/folder.ts'
import { filledOutbox, overwritePages, waitingIn } from '../../../support/outbox-file.ts'
import { freePort } from '../../../support/process.ts'

const SOON = { timeout: 20_000, interval: 20 }

const DISKS: [kind: string, reason: RegExp, disk: Disk][] = [
  ...(MAY_MOUNT ? ([['is full', /database or disk is full.*Free some space/, FULL]] as [string, RegExp, Disk][]) : []),
  ['lets no file grow', /disk I\/O error\. The disk has failed, is full .*quota.*dmesg/, NO_GROWTH],
  ['takes not one byte', /disk I\/O error\. The disk has failed, .*read-only.*dmesg/, NO_WRITE],
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
  it('takes no lead, loses none, and is taken up again when it works', async () => {
    const port = await freePort()
    const relay = await startOnDisk({ disk, marketo: `http://127.0.0.1:${port}` })
    const before = [await relay.send('ana'), await relay.send('ben')]

    relay.breakDisk()
    const refused = await Promise.all(Array.from({ length: 20 }, (_, n) => relay.send(`refused-${n}`)))
    const unready = await relay.readiness()
    const marketo = await startMarketo(port)
    relay.mendDisk()
    const after = await relay.send('cleo')
    const ready = await relay.readiness()

    expect(before.map(({ status }) => status)).toEqual([202, 202])
    expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
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

  it('makes no lead go twice whose delivery cannot be written down', async () => {
    const marketo = await startMarketo()
    await marketo.slow(500)
    const relay = await startOnDisk({ disk, marketo: marketo.url })
    await relay.send('ana')
    await vi.waitFor(async () => expect(await marketo.limits()).toMatchObject({ used: { now: 1 } }), SOON)

    relay.breakDisk()
    await vi.waitFor(() => expect(relay.events('error').map(({ where }) => where)).toContain('settle'), SOON)
    for (let n = 0; n < 20; n += 1) await relay.send(`refused-${n}`)
    const issues = relay.events('error').length
    relay.mendDisk()
    await relay.send('ben')

    // It was asked again at once, and then once in five seconds.
    expect(issues).toBeLessThanOrEqual(3)
    await vi.waitFor(async () => expect((await relay.readiness()).body).toMatchObject({ delivered: 2 }), SOON)
    expect(await marketo.emails()).toEqual(['ana@harbour.example', 'ben@harbour.example'])
    expect(await marketo.calls()).toMatchObject([{ operation: 'syncLead', ok: true }, { ok: true }])
  })
})

/** As a user for whom rights count: root, without what lets it pass them over. */
const AS_ANYONE = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : []

describe('a start that can keep nothing', { timeout: 30_000 }, () => {
  it.each<[what: string, bytes: number, says: RegExp]>([
    ['not one byte', 0, /^No lead can be kept in \S+: disk I\/O error\. The disk has failed, is full or read-only/],
    // The lock takes less, what SQLite has beside an outbox more.
    [
      'two pages',
      8_192,
      /outbox\.sqlite cannot be opened as an outbox: disk I\/O error\. The disk has failed, is full or read-only/,
    ],
  ])('says so of a disk that takes no more than %s, and leaves the outbox as it is', async (_, bytes, says) => {
    const { folder, path } = await filledOutbox(2)
    const before = readFileSync(path)

    const { status, stderr } = failToStart(folder, ['prlimit', `--fsize=${bytes}`])

    expect(status).toBe(1)
    expect(stderr).toMatch(says)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(await waitingIn(path)).toBe(2)
  })

  it.each<[what: string, protect: (folder: string) => void, says: RegExp]>([
    [
      'a folder',
      (folder) => chmodSync(folder, 0o555),
      /^No lead can be kept in \S+: EACCES: permission denied.* right to read and write the folder .* --data\.$/m,
    ],
    [
      'a folder that a relay has used',
      (folder) => {
        holdFolder(folder).release()
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
      'an outbox, nor read',
      (folder) => chmodSync(join(folder, 'outbox.sqlite'), 0o000),
      /outbox\.sqlite cannot be .*: unable to open database file\. See that .* may read and write it/,
    ],
  ])('says so where this user may not write %s, and leaves it as it is', async (_, protect, says) => {
    const { folder, path } = await filledOutbox(2)
    const before = readFileSync(path)
    const unprotect = () => {
      chmodSync(folder, 0o700)
      chmodSync(path, 0o600)
    }
    onTestFinished(unprotect)

    protect(folder)
    const { status, stderr } = failToStart(folder, AS_ANYONE)

    unprotect()
    expect(status).toBe(1)
    expect(stderr).toMatch(says)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([])
  })
})

describe('an outbox that is moved away under its relay', { timeout: 30_000 }, () => {
  it('takes no lead and says why, loses none, sends what waits, and is taken up again when it is back', async () => {
    const port = await freePort()
    const folder = makeFolder()
    const path = join(folder, 'outbox.sqlite')
    const relay = await startOnDisk({ folder, marketo: `http://127.0.0.1:${port}` })
    const before = await relay.send('ana')

    renameSync(path, `${path}.bak`)
    const refused = await Promise.all(['ben', 'cleo', 'dan'].map((name) => relay.send(name)))
    const unready = await relay.readiness()
    const marketo = await startMarketo(port)
    await vi.waitFor(async () => expect(await marketo.emails()).toContain('ana@harbour.example'), SOON)
    renameSync(`${path}.bak`, path)
    const after = await relay.send('eve')
    const ready = await relay.readiness()

    expect([before.status, after.status]).toEqual([202, 202])
    expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
      [1, 2, 3].map(() => [503, '5']),
    )
    expect(unready).toMatchObject({
      status: 503,
      body: { ready: false, reason: expect.stringContaining('outbox.sqlite was moved away') as string },
    })
    expect(ready).toMatchObject({ status: 200, body: { ready: true } })
  })
})

describe('an outbox that is damaged', { timeout: 30_000 }, () => {
  it('is set aside at the start: forms go on working, and the log and /readyz tell of it', async () => {
    const { folder, path } = await filledOutbox(300)
    overwritePages(path, 4)

    const relay = await startOnDisk({ folder })
    const answer = await relay.send('ana')
    const { status, body } = await relay.readiness()

    const [told] = relay.events('set-aside') as { file: string; found: string; advice: string }[]
    const aside = readdirSync(folder).filter((name) => /^outbox\.damaged-\d{8}T\d{6}Z\.sqlite$/.test(name))
    expect(answer.status).toBe(202)
    expect([told?.file]).toEqual(aside.map((name) => join(folder, name)))
    expect(told?.advice).toContain(`sqlite3 ${told?.file} .recover`)
    expect([status, body]).toMatchObject([200, { ready: true, backlog: 1, damaged: aside }])
  })

  it('while the relay runs takes no lead any more, until a restart sets it aside', async () => {
    const { folder, path } = await filledOutbox(2_000)
    const relay = await startOnDisk({ folder })
    const before = await relay.readiness()

    overwritePages(path, 2)
    const refused = [await relay.send('ana'), await relay.send('ben')]
    const unready = await relay.readiness()
    const code = await relay.program.end()
    const again = await startOnDisk({ folder })
    const after = await again.send('cleo')

    expect(before).toMatchObject({ status: 200 })
    expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [503, '5'],
      [503, '5'],
    ])
    expect(unready).toMatchObject({
      status: 503,
      body: { ready: false, reason: expect.stringMatching(/malformed\. The file is damaged\. Restart/) as string },
    })
    expect(code).toBe(0)
    expect(again.events('set-aside')).toHaveLength(1)
    expect(after.status).toBe(202)
  })
})
