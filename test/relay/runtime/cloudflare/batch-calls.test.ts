import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { batchCalls } from '../../../../relay/runtime/cloudflare/batch-calls.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

/** Creates a Worker whose clock the test sets, and whose calls of the object the test ends. */
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
    /** Makes a request with a lead. Its `outcome` changes from `pending` to `stored`, or to the message of an error. */
    post(id: string, dueAt = time) {
      const request = { outcome: 'pending' }
      void add([lead(id)], dueAt).then(
        () => (request.outcome = 'stored'),
        (error: Error) => (request.outcome = error.message),
      )
      return request
    },
    check: () => add([], time),
    calls,
    outlived,
    /** Advances the clock by some milliseconds, and runs the timers that are due. */
    pass(ms: number) {
      time += ms
      const due = timers.filter(({ at }) => at <= time)
      timers = timers.filter(({ at }) => at > time)
      for (const { call } of due) call()
    },
    /** Waits until all pending promises have settled. */
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  }
}

describe('concurrent requests with leads', () => {
  it('make a call at once when no call is under way', () => {
    const { post, calls } = worker()

    post('a')

    expect(calls.map(({ ids }) => ids)).toEqual([['a']])
  })

  it('share the next call, in order of arrival and with the latest due time, while a call is under way', async () => {
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

  it('are confirmed only when their own call has ended', async () => {
    const { post, calls, settled } = worker()
    const requests = [post('a'), post('b'), post('c')]
    const outcomes = [requests.map((request) => request.outcome)]

    for (const at of [0, 1]) {
      calls[at]?.end()
      await settled()
      outcomes.push(requests.map((request) => request.outcome))
    }

    expect(outcomes).toEqual([
      ['pending', 'pending', 'pending'],
      ['stored', 'pending', 'pending'],
      ['stored', 'stored', 'stored'],
    ])
  })

  it('go on with calls for waiting requests after their own response, and end when none waits', async () => {
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

  it('are retried one by one when their call fails, so that a lead that cannot be stored affects no other', async () => {
    const { post, calls, settled } = worker()
    const requests = [post('a'), post('b'), post('c')]

    calls[0]?.end()
    await settled()
    calls[1]?.fail(new Error('too many'))
    await settled()
    calls.find(({ ids }) => ids.join() === 'b')?.fail(new Error('no space'))
    calls.find(({ ids }) => ids.join() === 'c')?.end()
    await settled()

    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c'], ['b'], ['c']])
    expect(requests.map(({ outcome }) => outcome)).toEqual(['stored', 'no space', 'stored'])
  })

  it('get the error of their call when it has only one lead', async () => {
    const { post, calls, settled } = worker()
    const request = post('a')

    calls[0]?.fail(new Error('no space'))
    await settled()
    post('b')

    expect(request.outcome).toBe('no space')
    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b']])
  })

  it('start a call for all waiting leads when a call has lasted for 10 ms', async () => {
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
    expect(requests.map(({ outcome }) => outcome)).toEqual(['stored', 'stored'])
  })

  it('start only one more call at once when the first one has lasted for 10 ms', () => {
    const { post, calls, pass } = worker()

    post('a')
    pass(10)
    post('b')
    post('c')

    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b']])
  })

  it('leave the next call to the request that has called last', async () => {
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

  it('retry alone when their batch is not confirmed within 10 s', async () => {
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
    expect(request.outcome).toBe('stored')
  })

  it('send at most 40 leads per call', async () => {
    const { post, calls, settled } = worker()

    for (let at = 0; at <= 81; at += 1) post(`lead-${at}`)
    for (const at of [0, 1, 2]) {
      calls[at]?.end()
      await settled()
    }

    expect(calls.map(({ ids }) => ids.length)).toEqual([1, 40, 40, 1])
  })
})

describe('a readiness check', () => {
  it('makes a call of its own at once', () => {
    const { post, check, calls } = worker()

    post('a')
    void check()

    expect(calls.map(({ ids }) => ids)).toEqual([['a'], []])
  })
})
