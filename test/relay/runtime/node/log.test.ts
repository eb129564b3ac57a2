import { setImmediate as nextIteration } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLineLog } from '../../../../relay/runtime/node/log.ts'

/** 2026-11-23T09:30:00Z */
const NOW = Date.UTC(2026, 10, 23, 9, 30)

describe('the log on Node', () => {
  it('writes the events of one iteration of the event loop together, one line each, in order and with their times', async () => {
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
    await nextIteration()
    log({ event: 'stopped' })
    await nextIteration()

    expect(before).toBe(0)
    expect(writes).toEqual([
      '{"at":"2026-11-23T09:30:00.000Z","event":"accepted","id":"a","form":"contact","notes":[]}\n' +
        '{"at":"2026-11-23T09:30:00.001Z","event":"stopped"}\n',
      '{"at":"2026-11-23T09:30:00.001Z","event":"stopped"}\n',
    ])
  })
})
