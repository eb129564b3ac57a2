import { afterEach, describe, expect, it, vi } from 'vitest'
import { within } from '../../../../relay/marketo/soap/with-timeout.ts'

const heeds = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('the work'))
  })

describe('a deadline', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is what counts when it has passed, whatever the abort makes of the work', async () => {
    expect(await within({ timeout: 5 }, heeds, (why) => why)).toBe('late')
  })

  it.each([
    ['done', () => Promise.resolve('done')],
    ['failed', () => Promise.reject(new Error('failed'))],
  ])('leaves no timer and no listener behind when the work is %s', async (_how, work) => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')

    await within({ timeout: 90_000, signal }, work, () => 'given up').catch(() => {})

    expect(vi.getTimerCount()).toBe(0)
    expect(added.mock.calls.map(([type, listener]) => [type, listener])).toEqual(removed.mock.calls)
    expect(removed).toHaveBeenCalledOnce()
  })
})

describe('a signal', () => {
  it('ends the work, whatever the work makes of it', async () => {
    const controller = new AbortController()

    const given = within({ timeout: 90_000, signal: controller.signal }, heeds, (why) => why)
    controller.abort()

    expect(await given).toBe('aborted')
  })

  it('that was aborted before lets no work begin', async () => {
    const work = vi.fn(heeds)

    expect(await within({ timeout: 90_000, signal: AbortSignal.abort() }, work, (why) => why)).toBe('aborted')
    expect(work).not.toHaveBeenCalled()
  })
})
