import fs from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openJournal } from '../../../demo/simulator/journal-file.ts'

const { writeFileSync } = fs

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-disk-'))
})

afterEach(async () => {
  setDisk(writeFileSync)
  await rm(folder, { recursive: true })
})

it('a line that a full disk has taken a half of does not spoil the line after it', () => {
  const journal = openJournal(folder)
  journal.add('{"line":"first"}')
  setDisk(writeHalf)

  expect(() => journal.add('{"line":"second"}')).toThrow('cannot be written (ENOSPC)')
  setDisk(writeFileSync)
  journal.add('{"line":"third"}')

  expect([...journal.read()]).toEqual(['{"line":"first"}', '{"line":"third"}'])
})

it('the lines of before are there after a full disk at the start', () => {
  const journal = openJournal(folder)
  journal.add('{"line":"first"}')
  setDisk(writeHalf)

  expect(() => journal.replace(['{"line":"first"}'])).toThrow('cannot be written (ENOSPC)')

  expect([...openJournal(folder).read()]).toEqual(['{"line":"first"}'])
})

/** Does what a full disk does: takes a part and fails. */
function writeHalf(handle: unknown, bytes: unknown): void {
  fs.writeSync(handle as number, (bytes as Buffer).subarray(0, 8))
  throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
}

function setDisk(write: typeof writeFileSync): void {
  fs.writeFileSync = write
  syncBuiltinESMExports()
}
