import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryOutbox } from '../../../oracle/memory-outbox.ts'
import { withDurabilityChecks } from '../../../../relay/runtime/node/durability-checks.ts'
import { makeFolder } from '../../../support/folder.ts'
import { open } from '../../../support/outbox-file.ts'
import { claimBatch, lead, settleBatch, T } from '../../../suites/outbox/leads.ts'

const KB = 1024

/** Opens an outbox in a new folder, with one waiting lead. */
async function opened() {
  const path = join(makeFolder(), 'outbox.sqlite')
  const { sql, outbox } = await open(path)
  onTestFinished(() => sql.close())
  await outbox.add([lead('before')], T)
  return { path, outbox }
}

describe('an open outbox whose file is moved', () => {
  it.each<[what: string, name: RegExp, doIt: (path: string) => void]>([
    ['its file is moved away', /outbox\.sqlite was moved away/, (path) => renameSync(path, `${path}.bak`)],
    ['its file is deleted', /outbox\.sqlite was moved away, deleted/, (path) => rmSync(path)],
    [
      'another file lies there',
      /outbox\.sqlite was moved away, deleted or replaced/,
      (path) => {
        writeFileSync(`${path}.new`, '')
        renameSync(`${path}.new`, path)
      },
    ],
    ['its log is deleted', /outbox\.sqlite-wal was moved away/, (path) => rmSync(`${path}-wal`)],
  ])('rejects leads and says what to do when %s', async (_, name, doIt) => {
    const { path, outbox } = await opened()

    doIt(path)

    await expect(outbox.add([lead('after')], T)).rejects.toThrow(name)
    await expect(outbox.add([], T)).rejects.toThrow(
      /Move it back\. .* do not stop the relay yet: it still sends the leads that wait in it \(\d\)/,
    )
  })

  it('stores nothing more in the moved file once this is known', async () => {
    const { path, outbox } = await opened()
    renameSync(path, `${path}.bak`)
    await outbox.add([], T).catch(() => {})

    await expect(outbox.add([lead('after')], T)).rejects.toThrow()

    expect(await outbox.find('after')).toBeUndefined()
  })

  it('still delivers the leads that wait in it', async () => {
    const { path, outbox } = await opened()
    renameSync(path, `${path}.bak`)

    await settleBatch(outbox, await claimBatch(outbox), { kind: 'delivered', leadId: 7 })

    expect(await outbox.find('before')).toMatchObject({ state: 'delivered', leadId: 7 })
  })

  it('accepts leads again when the file is back', async () => {
    const { path, outbox } = await opened()
    renameSync(path, `${path}.bak`)
    await expect(outbox.add([lead('after')], T)).rejects.toThrow()

    renameSync(`${path}.bak`, path)
    await outbox.add([lead('after')], T)

    expect(await outbox.status(T)).toMatchObject({ waiting: 2 })
  })
})

describe('an addition with durability checks', () => {
  it('checks the files once for all leads that are written together', async () => {
    let checks = 0
    const missing = () => {
      checks += 1
      return undefined
    }
    const add = withDurabilityChecks(createMemoryOutbox(), { missing, freeBytes: () => Infinity })

    await add(
      Array.from({ length: 100 }, (_, at) => lead(`lead-${at}`)),
      T,
    )

    expect(checks).toBe(1)
  })

  it('rejects when the file disappears during the write', async () => {
    const outbox = createMemoryOutbox()
    let exists = true
    const add = withDurabilityChecks(
      {
        ...outbox,
        async add(...args) {
          await outbox.add(...args)
          exists = false
        },
      },
      { missing: () => (exists ? undefined : '/data/outbox.sqlite'), freeBytes: () => Infinity },
    )

    await expect(add([lead('a')], T)).rejects.toThrow('/data/outbox.sqlite was moved away')
  })

  it.each([
    ['is rejected with less than 512 KB of free space', 511 * KB, 'rejected'],
    ['succeeds with 512 KB of free space', 512 * KB, 'fulfilled'],
  ])('without leads, after a lead had no space, %s', async (_, freeBytes, expected) => {
    const outbox = createMemoryOutbox()
    const full = (leads: readonly unknown[]) =>
      leads.length > 0 ? Promise.reject(new Error('database or disk is full')) : Promise.resolve()
    const add = withDurabilityChecks({ ...outbox, add: full }, { missing: () => undefined, freeBytes: () => freeBytes })

    const before = await Promise.allSettled([add([], T)])
    await expect(add([lead('a')], T)).rejects.toThrow('full')
    const after = await Promise.allSettled([add([], T), add([], T)])

    expect(before.map(({ status }) => status)).toEqual(['fulfilled'])
    expect(after.map(({ status }) => status)).toEqual([expected, expected])
  })

  it('without leads, after a lead was stored, succeeds whatever the free space', async () => {
    const outbox = createMemoryOutbox()
    let full = true
    const add = withDurabilityChecks(
      { ...outbox, add: (...args) => (full ? Promise.reject(new Error('full')) : outbox.add(...args)) },
      { missing: () => undefined, freeBytes: () => 0 },
    )
    await add([lead('a')], T).catch(() => {})
    full = false

    await add([lead('b')], T)

    await expect(add([], T)).resolves.toBeUndefined()
  })
})
