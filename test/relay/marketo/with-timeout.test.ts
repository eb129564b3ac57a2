import { afterEach, describe, expect, it, vi } from 'vitest'
import { withTimeout } from '../../../relay/marketo/with-timeout.ts'

const stopsOnAbort = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('work'))
  })

describe('a timeout', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('determines the result, even if the aborted work returns one', async () => {
    expect(await withTimeout({ timeout: 5 }, stopsOnAbort, (reason) => reason)).toBe('timeout')
  })

  it.each([
    ['succeeded', () => Promise.resolve('done')],
    ['failed', () => Promise.reject(new Error('failed'))],
  ])('leaves no timer and no listener if the work has %s', async (_how, work) => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')

    await withTimeout({ timeout: 90_000, signal }, work, () => 'stopped').catch(() => {})

    expect(vi.getTimerCount()).toBe(0)
    expect(added.mock.calls.map(([type, listener]) => [type, listener])).toEqual(removed.mock.calls)
    expect(removed).toHaveBeenCalledOnce()
  })
})

describe('a signal', () => {
  it('determines the result, even if the aborted work returns one', async () => {
    const controller = new AbortController()

    const result = withTimeout({ timeout: 90_000, signal: controller.signal }, stopsOnAbort, (reason) => reason)
    controller.abort()

    expect(await result).toBe('aborted')
  })

  it('that has already aborted prevents the work from starting', async () => {
    const work = vi.fn(stopsOnAbort)

    expect(await withTimeout({ timeout: 90_000, signal: AbortSignal.abort() }, work, (reason) => reason)).toBe(
      'aborted',
    )
    expect(work).not.toHaveBeenCalled()
  })
})
