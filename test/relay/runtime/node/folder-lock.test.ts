import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { holdFolder } from '../../../../relay/runtime/node/folder-lock.ts'
import { makeFolder } from '../../../support/folder.ts'

describe('the lock of a folder', () => {
  it('is free again once it was released', () => {
    const folder = join(makeFolder(), 'data')
    holdFolder(folder).release()

    const again = holdFolder(folder)
    onTestFinished(() => again.release())

    expect(() => holdFolder(folder)).toThrow(`Another relay uses the folder ${folder}. End it, or`)
  })

  it('is refused, and left as it is, where a file of its name is something else', () => {
    const folder = makeFolder()
    const path = join(folder, 'relay.lock')
    writeFileSync(path, 'Dear diary. '.repeat(100))

    expect(() => holdFolder(folder)).toThrow(`${path} cannot be locked: file is not a database. It is no lock of ours`)
    expect(readFileSync(path, 'utf8')).toBe('Dear diary. '.repeat(100))
  })

  it('says what to do where the folder cannot be made', () => {
    const file = join(makeFolder(), 'file')
    writeFileSync(file, '')

    expect(() => holdFolder(join(file, 'data'))).toThrow(/^No lead can be kept in .*ENOTDIR.*\. Or name another folder/)
  })
})
