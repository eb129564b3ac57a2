import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '../../../../relay/runtime/node/folder-lock.ts'
import { makeFolder } from '../../../support/folder.ts'

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

  it('says what to do when the folder cannot be created', () => {
    const file = join(makeFolder(), 'file')
    writeFileSync(file, '')

    expect(() => lockFolder(join(file, 'data'))).toThrow(
      /^No lead can be kept in .*ENOTDIR.*\. Or choose another folder/,
    )
  })
})
