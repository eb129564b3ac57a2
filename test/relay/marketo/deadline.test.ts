import { afterEach, describe, expect, it, vi } from 'vitest'
import { within } from '../../../relay/marketo/soap/deadline.ts'

describe('a deadline', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is what counts when it has passed, whatever the abort makes of the work', async () => {
    const heeds = (signal: AbortSignal) =>
      new Promise<string>((resolve) => {
        signal.addEventListener('abort', () => resolve('aborted'))
      })

    expect(await within(5, heeds, () => 'late')).toBe('late')
  })

  it.each([
    ['done', () => Promise.resolve('done')],
    ['failed', () => Promise.reject(new Error('failed'))],
  ])('leaves no timer behind when the work is %s', async (_how, work) => {
    vi.useFakeTimers()

    await within(90_000, work, () => 'late').catch(() => {})

    expect(vi.getTimerCount()).toBe(0)
  })
})
