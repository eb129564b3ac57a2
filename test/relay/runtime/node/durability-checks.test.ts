import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryOutbox } from '../../../oracle/memory-outbox.ts'
import { withDurabilityChecks } from '../../../../relay/runtime/node/durability-checks.ts'
import { makeFolder } from '../../../support/folder.ts'
import { open } from '../../../support/outbox-file.ts'
import { claimCall, lead, settleCall, T } from '../../../suites/outbox/leads.ts'

const KB = 1024

/** An outbox in a folder of its own, with one lead that waits, as a relay has it open. */
async function opened() {
  const path = join(makeFolder(), 'outbox.sqlite')
  const { sql, outbox } = await open(path)
  onTestFinished(() => sql.close())
  await outbox.add([lead('before')], T)
  return { path, outbox }
}

describe('an outbox whose file is moved while it is open', () => {
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
  ])('takes no lead, and says what to do: %s', async (_, name, doIt) => {
    const { path, outbox } = await opened()

    doIt(path)

    await expect(outbox.add([lead('after')], T)).rejects.toThrow(name)
    await expect(outbox.add([], T)).rejects.toThrow(
      /Move it back\. .* do not end the relay yet: what waits in it is still sent \(\d\)/,
    )
  })

  it('keeps nothing more in it once that is known', async () => {
    const { path, outbox } = await opened()
    renameSync(path, `${path}.bak`)
    await outbox.add([], T).catch(() => {})

    await expect(outbox.add([lead('after')], T)).rejects.toThrow()

    expect(await outbox.find('after')).toBeUndefined()
  })

  it('sends what waits in it', async () => {
    const { path, outbox } = await opened()
    renameSync(path, `${path}.bak`)

    await settleCall(outbox, await claimCall(outbox), { kind: 'delivered', leadId: 7 })

    expect(await outbox.find('before')).toMatchObject({ state: 'delivered', leadId: 7 })
  })

  it('takes leads again once it is back', async () => {
    const { path, outbox } = await opened()
    renameSync(path, `${path}.bak`)
    await expect(outbox.add([lead('after')], T)).rejects.toThrow()

    renameSync(`${path}.bak`, path)
    await outbox.add([lead('after')], T)

    expect(await outbox.status(T)).toMatchObject({ waiting: 2 })
  })
})

describe('an addition that is looked after', () => {
  it('takes one look for all leads that are written together', async () => {
    let looks = 0
    const missing = () => {
      looks += 1
      return undefined
    }
    const add = withDurabilityChecks(createMemoryOutbox(), { missing, freeBytes: () => Infinity })

    await add(
      Array.from({ length: 100 }, (_, at) => lead(`lead-${at}`)),
      T,
    )

    expect(looks).toBe(1)
  })

  it('says no when the file went while it was being written', async () => {
    const outbox = createMemoryOutbox()
    let there = true
    const add = withDurabilityChecks(
      {
        ...outbox,
        async add(...words) {
          await outbox.add(...words)
          there = false
        },
      },
      { missing: () => (there ? undefined : '/data/outbox.sqlite'), freeBytes: () => Infinity },
    )

    await expect(add([lead('a')], T)).rejects.toThrow('/data/outbox.sqlite was moved away')
  })

  it.each([
    ['is left', 511 * KB, 'rejected'],
    ['is there again', 512 * KB, 'fulfilled'],
  ])('asked whether it could be done, after a lead had no room, says so by what room %s', async (_, room, answer) => {
    const outbox = createMemoryOutbox()
    const full = (leads: readonly unknown[]) =>
      leads.length > 0 ? Promise.reject(new Error('database or disk is full')) : Promise.resolve()
    const add = withDurabilityChecks({ ...outbox, add: full }, { missing: () => undefined, freeBytes: () => room })

    const before = await Promise.allSettled([add([], T)])
    await expect(add([lead('a')], T)).rejects.toThrow('full')
    const after = await Promise.allSettled([add([], T), add([], T)])

    expect(before.map(({ status }) => status)).toEqual(['fulfilled'])
    expect(after.map(({ status }) => status)).toEqual([answer, answer])
  })

  it('asked the same after a lead was kept, says yes, whatever room there is', async () => {
    const outbox = createMemoryOutbox()
    let full = true
    const add = withDurabilityChecks(
      { ...outbox, add: (...words) => (full ? Promise.reject(new Error('full')) : outbox.add(...words)) },
      { missing: () => undefined, freeBytes: () => 0 },
    )
    await add([lead('a')], T).catch(() => {})
    full = false

    await add([lead('b')], T)

    await expect(add([], T)).resolves.toBeUndefined()
  })
})
