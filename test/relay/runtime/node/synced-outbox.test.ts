import { copyFileSync, fdatasync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { groupCommit } from '../../../../relay/outbox/group-commit.ts'
import type { Outbox } from '../../../../relay/outbox/outbox.ts'
import type { SyncFile } from '../../../../relay/runtime/node/log-sync.ts'
import { withLogSync } from '../../../../relay/runtime/node/synced-outbox.ts'
import { createMemoryOutbox } from '../../../oracle/memory-outbox.ts'
import { makeFolder } from '../../../support/folder.ts'
import { holdSyncs, isSettled } from '../../../support/held-sync.ts'
import { open } from '../../../support/outbox-file.ts'
import { post, relayUnderTest } from '../../../support/relay.ts'
import { LATER, lead, T } from '../../../suites/outbox/leads.ts'

const DISK_FAILED = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })

/** Opens an outbox in a new folder, whose syncs the test ends. */
async function opened() {
  const path = join(makeFolder(), 'outbox.sqlite')
  const { syncFile, begun } = holdSyncs()
  const { sql, ...rest } = await open(path, { syncFile })
  onTestFinished(() => sql.close())
  return { path, sql, begun, ...rest }
}

describe('a method of an outbox with a log', () => {
  it.each<[name: keyof Outbox, waits: boolean]>([
    ['add', true],
    ['claim', true],
    ['settle', true],
    ['acquireSlot', true],
    ['resume', true],
    ['retryNow', true],
    ['find', true],
    ['replay', true],
    ['discard', true],
    ['holdForm', true],
    ['erase', true],
    ['expire', true],
    ['sweep', true],
    ['nextDueAt', false],
    ['status', false],
    ['list', false],
    ['survey', false],
  ])('%s waits for the disk: %s', async (name, waits) => {
    const memory = createMemoryOutbox()
    let hasWritten = false
    const method = async () => (hasWritten = true)
    const flush = () => (hasWritten ? new Promise<void>(() => {}) : Promise.reject(new Error('flushed too early')))
    const outbox = withLogSync({ ...memory, [name]: method }, { flush })

    const result = (outbox[name] as () => Promise<unknown>)()

    expect(await isSettled(result)).toBe(!waits)
  })
})

describe('the relay on a file', () => {
  it('replies to a form only when the sync of the log has ended', async () => {
    const { outbox, begun } = await opened()
    const { app } = relayUnderTest({ outbox })

    const reply = post(app, { Email: 'ana@acme.example' })
    const before = await isSettled(reply)
    begun[0]!.end()

    expect(before).toBe(false)
    expect((await reply).status).toBe(202)
  })

  it('does not report a lead as found before the sync of the log has ended', async () => {
    const { outbox, begun } = await opened()
    const added = outbox.add([lead('a')], T)
    await turn()

    const found = outbox.find('a')
    const before = await isSettled(found)
    begun[0]!.end()
    await added

    expect(before).toBe(false)
    expect(await found).toMatchObject({ id: 'a' })
  })

  it('gathers the leads that come during a sync, and writes them together when it has ended', async () => {
    const { outbox, schedule, begun } = await opened()
    const add = groupCommit(outbox.add, schedule)
    const first = add([lead('first')], T)
    await isSettled(first)
    const others = ['a', 'b', 'c'].map((id) => add([lead(id)], T))
    await isSettled(others[0]!)
    const { waiting } = await outbox.status(T)

    begun[0]!.end()
    await first
    await isSettled(others[0]!)
    begun[1]!.end()
    await Promise.all(others)

    expect(waiting).toBe(1)
    expect(begun).toHaveLength(2)
    expect(await outbox.status(T)).toMatchObject({ waiting: 4 })
  })

  it('stores nothing more after a sync has failed, says why, and still shows what it has', async () => {
    const { outbox, begun } = await opened()
    const reason = /^EIO: i\/o error, fdatasync\. The write-ahead log could not be forced to the disk\./
    const failing = expect(outbox.add([lead('a')], T)).rejects.toThrow(reason)
    await turn()
    begun[0]!.end(DISK_FAILED)
    await failing

    await expect(outbox.add([lead('b')], T)).rejects.toThrow(reason)
    await expect(outbox.add([], T)).rejects.toThrow(reason)
    await expect(outbox.claim(T, LATER, 1)).rejects.toThrow(reason)
    await expect(outbox.find('a')).rejects.toThrow(reason)

    expect(begun).toHaveLength(1)
    expect(await outbox.list('waiting', 10)).toMatchObject([{ id: 'a' }])
  })

  it('records a lead as accepted only when it is on the disk', async () => {
    const { path, outbox, begun } = await opened()
    const accepted = () => Number(readFileSync(path.replace('.sqlite', '.accepted'), 'utf8'))
    const first = outbox.add([lead('a')], T)
    await turn()
    const second = outbox.add([lead('b')], T)
    await turn()

    begun[0]!.end()
    await first
    const after = accepted()
    await isSettled(second)
    begun[1]!.end()
    await second

    expect(after).toBe(1)
    expect(accepted()).toBe(2)
  })

  it('has after a power cut at any time what it has acknowledged until then', async () => {
    const path = join(makeFolder(), 'outbox.sqlite')
    const images: string[] = []
    /** What the disk has for certain: the files as they were when the last sync that has ended began. */
    let onDisk = ''
    const syncFile: SyncFile = (file, done) => {
      const folder = `${path}-image-${images.length}`
      mkdirSync(folder)
      for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, join(folder, `outbox.sqlite${suffix}`))
      images.push(folder)
      fdatasync(file, (error) => {
        onDisk = folder
        done(error)
      })
    }
    const { sql, outbox, schedule } = await open(path, { syncFile })
    const add = groupCommit(outbox.add, schedule)
    const acknowledged: { image: string; id: string; attempts: number }[] = []

    async function visitor(name: string): Promise<void> {
      for (let n = 0; n < 5; n += 1) {
        const id = `${name}-${n}`
        await add([lead(id)], T)
        acknowledged.push({ image: onDisk, id, attempts: 0 })
      }
    }
    async function dispatcher(): Promise<void> {
      for (let batches = 0; batches < 5;) {
        await turn()
        const [batch] = await outbox.claim(T, LATER, 1)
        if (batch) batches += 1
        for (const job of batch?.jobs ?? [])
          acknowledged.push({ image: onDisk, id: job.lead.id, attempts: job.attempt })
      }
    }
    await Promise.all([...['a', 'b', 'c', 'd'].map(visitor), dispatcher()])
    sql.close()

    expect(new Set(acknowledged.map(({ image }) => image)).size).toBeGreaterThan(1)
    expect(acknowledged.some(({ attempts }) => attempts > 0)).toBe(true)
    for (const [image, own] of Map.groupBy(acknowledged, (each) => each.image)) {
      const after = await open(join(image, 'outbox.sqlite'))
      for (const { id, attempts } of own) {
        const found = await after.outbox.find(id)
        expect(found?.attempts ?? -1).toBeGreaterThanOrEqual(attempts)
      }
      after.sql.close()
    }
  })
})
