import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { batchCalls } from '../../../../relay/runtime/cloudflare/batch-calls.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

/** A Worker whose calls of the object end when the test says so, at a time that it sets. */
function worker() {
  let time = T
  const calls: { ids: string[]; dueAt: number; end: () => void; fail: (error: Error) => void }[] = []
  const outlived: Promise<void>[] = []
  let timers: { at: number; call: () => void }[] = []
  const add = batchCalls(
    (leads: readonly Lead[], dueAt: number) =>
      new Promise<void>((end, fail) => calls.push({ ids: leads.map(({ id }) => id), dueAt, end, fail })),
    {
      now: () => time,
      outlive: (work) => outlived.push(work),
      after: (ms, call) => timers.push({ at: time + ms, call }),
    },
  )
  return {
    /** A request with a lead; what it is told. */
    post(id: string, dueAt = time) {
      const request = { told: 'nothing' }
      void add([lead(id)], dueAt).then(
        () => (request.told = 'kept'),
        (error: Error) => (request.told = error.message),
      )
      return request
    },
    ask: () => add([], time),
    calls,
    outlived,
    /** Time passes, and what was to happen by then does. */
    pass(ms: number) {
      time += ms
      const due = timers.filter(({ at }) => at <= time)
      timers = timers.filter(({ at }) => at > time)
      for (const { call } of due) call()
    },
    /** Whatever follows from what has happened has happened. */
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  }
}

describe('requests that bring a Worker leads', () => {
  it('call at once when nobody does', () => {
    const { post, calls } = worker()

    post('a')

    expect(calls.map(({ ids }) => ids)).toEqual([['a']])
  })

  it('share the next call while one is under way, in the order they came, due when the last is', async () => {
    const { post, calls, settled } = worker()

    post('a')
    post('b', T + 2)
    post('c', T + 1)
    calls[0]?.end()
    await settled()

    expect(calls.map(({ ids, dueAt }) => [ids, dueAt])).toEqual([
      [['a'], T],
      [['b', 'c'], T + 2],
    ])
  })

  it('are told when their own call has ended, and not before', async () => {
    const { post, calls, settled } = worker()
    const requests = [post('a'), post('b'), post('c')]
    const told = [requests.map((request) => request.told)]

    for (const at of [0, 1]) {
      calls[at]?.end()
      await settled()
      told.push(requests.map((request) => request.told))
    }

    expect(told).toEqual([
      ['nothing', 'nothing', 'nothing'],
      ['kept', 'nothing', 'nothing'],
      ['kept', 'kept', 'kept'],
    ])
  })

  it('go on calling for those that wait when they have been answered, and end when nobody does', async () => {
    const { post, calls, outlived, settled } = worker()
    let ended = false

    post('a')
    void outlived[0]?.then(() => (ended = true))
    post('b')
    calls[0]?.end()
    await settled()
    const before = ended
    calls[1]?.end()
    await settled()

    expect([outlived.length, before, ended]).toEqual([1, false, true])
  })

  it('go each alone when their call fails: what cannot be kept costs nobody else', async () => {
    const { post, calls, settled } = worker()
    const requests = [post('a'), post('b'), post('c')]

    calls[0]?.end()
    await settled()
    calls[1]?.fail(new Error('too many'))
    await settled()
    calls.find(({ ids }) => ids.join() === 'b')?.fail(new Error('no room'))
    calls.find(({ ids }) => ids.join() === 'c')?.end()
    await settled()

    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c'], ['b'], ['c']])
    expect(requests.map(({ told }) => told)).toEqual(['kept', 'no room', 'kept'])
  })

  it('hear why when they are alone', async () => {
    const { post, calls, settled } = worker()
    const request = post('a')

    calls[0]?.fail(new Error('no room'))
    await settled()
    post('b')

    expect(request.told).toBe('no room')
    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b']])
  })

  it('call for all that wait when a call has lasted for 10 ms', async () => {
    const { post, calls, pass, settled } = worker()

    post('a')
    pass(1)
    const requests = [post('b'), post('c')]
    pass(8)
    const early = calls.length
    pass(1)
    calls[1]?.end()
    await settled()

    expect(early).toBe(1)
    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']])
    expect(requests.map(({ told }) => told)).toEqual(['kept', 'kept'])
  })

  it('take along those that wait for a call that has lasted for 10 ms', () => {
    const { post, calls, pass } = worker()

    post('a')
    pass(10)
    post('b')
    post('c')

    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b']])
  })

  it('leave it to the latest that calls to go on', async () => {
    const { post, calls, pass, outlived, settled } = worker()
    let ended = false

    post('a')
    void outlived[0]?.then(() => (ended = true))
    pass(10)
    post('b')
    post('c')
    calls[0]?.end()
    await settled()
    const after = calls.map(({ ids }) => ids)
    calls[1]?.end()
    await settled()

    expect(ended).toBe(true)
    expect(after).toEqual([['a'], ['b']])
    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b'], ['c']])
  })

  it('call alone when they have been on the way with others for long, whatever has become of these', async () => {
    const { post, calls, pass, settled } = worker()

    post('a')
    const request = post('b')
    post('c')
    calls[0]?.end()
    await settled()
    pass(10)
    pass(9_999)
    const early = calls.length
    pass(1)
    calls[2]?.end()
    await settled()

    expect(early).toBe(2)
    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c'], ['b'], ['c']])
    expect(request.told).toBe('kept')
  })

  it('bring no more than 40 leads with a call', async () => {
    const { post, calls, settled } = worker()

    for (let at = 0; at <= 81; at += 1) post(`lead-${at}`)
    for (const at of [0, 1, 2]) {
      calls[at]?.end()
      await settled()
    }

    expect(calls.map(({ ids }) => ids.length)).toEqual([1, 40, 40, 1])
  })
})

describe('a request that asks whether a lead could be kept', () => {
  it('asks the object itself, at once', () => {
    const { post, ask, calls } = worker()

    post('a')
    void ask()

    expect(calls.map(({ ids }) => ids)).toEqual([['a'], []])
  })
})
