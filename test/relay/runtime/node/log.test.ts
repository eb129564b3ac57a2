import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLineLog } from '../../../../relay/runtime/node/log.ts'

/** 2026-11-23T09:30:00Z */
const NOW = Date.UTC(2026, 10, 23, 9, 30)

describe('the log on Node', () => {
  it('writes what one turn tells in one go, in order, a line each with its time', async () => {
    const writes: string[] = []
    let time = NOW
    const log = createLineLog(
      (lines) => writes.push(lines),
      () => time,
    )

    log({ event: 'accepted', id: 'a', form: 'contact', notes: [] })
    time += 1
    log({ event: 'stopped' })
    const before = writes.length
    await turn()
    log({ event: 'stopped' })
    await turn()

    expect(before).toBe(0)
    expect(writes).toEqual([
      '{"at":"2026-11-23T09:30:00.000Z","event":"accepted","id":"a","form":"contact","notes":[]}\n' +
        '{"at":"2026-11-23T09:30:00.001Z","event":"stopped"}\n',
      '{"at":"2026-11-23T09:30:00.001Z","event":"stopped"}\n',
    ])
  })
})
