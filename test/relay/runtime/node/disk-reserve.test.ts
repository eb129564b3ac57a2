import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { watchDisk } from '../../../../relay/runtime/node/disk-reserve.ts'
import { makeFolder } from '../../../support/folder.ts'

const MB = 1024 ** 2

it('a disk below the reserve counts as full, with the size of the outbox, and no longer when there is room', () => {
  const path = join(makeFolder(), 'outbox.sqlite')
  writeFileSync(path, new Uint8Array(2 * MB))
  writeFileSync(`${path}-wal`, new Uint8Array(MB))
  let [now, free] = [0, 511 * MB]
  const full = watchDisk(
    path,
    512 * MB,
    () => now,
    () => free,
  )

  const first = full()
  free = 512 * MB
  now = 999
  const second = full()
  now = 1_000

  expect(first).toBe(
    `the disk has 511 MB left, less than the 512 of FORM_SYNC_DISK_RESERVE_MB, and new leads are refused: make room. ${path} and its log have 3 MB`,
  )
  expect(second).toBe(first)
  expect(full()).toBeUndefined()
})

it('reads the free space of the disk that the outbox is on', () => {
  const path = join(makeFolder(), 'outbox.sqlite')

  expect(watchDisk(path, 0, () => 0)()).toBeUndefined()
  expect(watchDisk(path, 2 ** 60, () => 0)()).toMatch(/^the disk has [1-9]\d* MB left, less than the \d+ of /)
})
