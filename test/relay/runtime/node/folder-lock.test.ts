import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '../../../../relay/runtime/node/folder-lock.ts'
import { makeFolder } from '../../../support/folder.ts'
import { filledOutbox, open, overwritePages, waitingIn } from '../../../support/outbox-file.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

describe('the lock of a data folder', () => {
  it('can be taken again after it was released, but not while it is held', () => {
    const folder = join(makeFolder(), 'data')
    lockFolder(folder).release()

    const again = lockFolder(folder)
    onTestFinished(() => again.release())

    expect(() => lockFolder(folder)).toThrow(
      `Another relay uses the folder ${folder}. Stop it, or choose another folder with --data.`,
    )
  })

  it('is refused when relay.lock is another kind of file, and leaves that file unchanged', () => {
    const folder = makeFolder()
    const path = join(folder, 'relay.lock')
    writeFileSync(path, 'Dear diary. '.repeat(100))

    expect(() => lockFolder(folder)).toThrow(
      `${path} cannot be locked: file is not a database. It is not a lock file of form-sync`,
    )
    expect(readFileSync(path, 'utf8')).toBe('Dear diary. '.repeat(100))
  })

  it('is refused when the lock file was deleted and another process has the outbox open, and given when it is closed', async () => {
    const { folder, path } = await filledOutbox(1)
    const { sql } = await open(path)
    const refused = () => lockFolder(folder)

    expect(refused).toThrow(/relay\.lock was deleted, .* another relay .*: outbox\.sqlite is open\. Stop the program/)
    // A second attempt finds no lock file that the first one left.
    expect(refused).toThrow('outbox.sqlite is open')
    sql.close()
    const given = lockFolder(folder)
    given.release()

    expect(await waitingIn(path)).toBe(1)
  })

  it('is refused when the lock file was deleted and the outbox is damaged, which stays as it is', async () => {
    const { folder, path } = await filledOutbox(300)
    const { sql, outbox } = await open(path)
    onTestFinished(() => sql.close())
    await outbox.add([lead('in-the-log')], T)
    overwritePages(path, 4)
    const before = readFileSync(path)

    expect(() => lockFolder(folder)).toThrow(
      /outbox\.sqlite is damaged \(.*\), and cannot be tested\. Make sure that no relay runs, and create an empty relay\.lock/,
    )
    expect(readFileSync(path).equals(before)).toBe(true)
    writeFileSync(join(folder, 'relay.lock'), '')
    const given = lockFolder(folder)
    given.release()
  })

  it('says what to do when the folder cannot be created', () => {
    const file = join(makeFolder(), 'file')
    writeFileSync(file, '')

    expect(() => lockFolder(join(file, 'data'))).toThrow(
      /^No lead can be kept in .*ENOTDIR.*\. Or choose another folder/,
    )
  })
})
