import { afterEach, describe, expect, it, vi } from 'vitest'
import { askProvider } from '../../../../relay/guards/challenge/providers.ts'

afterEach(() => vi.useRealTimers())

/** Asks a provider that replies with the body. */
function ask(reply: unknown, status = 200) {
  const fetch = () =>
    Promise.resolve(new Response(typeof reply === 'string' ? reply : JSON.stringify(reply), { status }))
  return askProvider({ url: 'https://provider.example/siteverify', secret: 'secret', token: 'token', fetch })
}

describe('the call to a provider', () => {
  it('ends after three seconds without a reply', async () => {
    vi.useFakeTimers()
    let signal: AbortSignal | null | undefined
    const fetch = (_: string, init: RequestInit) => {
      signal = init.signal
      return new Promise<Response>(() => {})
    }

    const asked = askProvider({ url: 'https://provider.example', secret: 'secret', token: 'token', fetch })
    await vi.advanceTimersByTimeAsync(2_999)
    expect(signal?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)

    expect(await asked).toEqual({ kind: 'unknown', reason: 'no reply within 3 seconds' })
    expect(signal?.aborted).toBe(true)
  })

  it('follows no redirect to another host', async () => {
    const fetch = vi.fn(() => Promise.resolve(new Response(null, { status: 302 })))

    const judgement = await askProvider({ url: 'https://provider.example', secret: 'secret', token: 'token', fetch })

    expect(judgement).toMatchObject({ kind: 'unknown' })
    expect(fetch).toHaveBeenCalledExactlyOnceWith(
      'https://provider.example',
      expect.objectContaining({ redirect: 'manual' }),
    )
  })

  it.each([
    [{ success: true, hostname: 'a.example', challenge_ts: '2026-11-23T09:29:55Z' }, {}],
    [{ success: true, hostname: 'a.example', challenge_ts: '2026-11-23T09:29:55Z', score: 0.9 }, { score: 0.9 }],
  ])('passes on host, time and score of a solved challenge: %j', async (reply, more) => {
    const at = Date.UTC(2026, 10, 23, 9, 29, 55)

    expect(await ask(reply)).toEqual({ kind: 'passed', hostname: 'a.example', at, ...more })
  })

  it.each([
    [['invalid-input-response']],
    [['timeout-or-duplicate', 'invalid-input-response']],
    [['already-seen-response']],
  ])('reports that the answer is not valid: %j', async (codes) => {
    expect(await ask({ success: false, 'error-codes': codes })).toEqual({ kind: 'failed', reason: codes.join(', ') })
  })

  it.each([
    ['its own fault', { success: false, 'error-codes': ['internal-error'] }, 200],
    ['a wrong secret', { success: false, 'error-codes': ['invalid-input-secret'] }, 200],
    [
      'a wrong secret beside a wrong answer',
      { success: false, 'error-codes': ['invalid-input-response', 'invalid-input-secret'] },
      200,
    ],
    ['a code of tomorrow', { success: false, 'error-codes': ['new-code'] }, 200],
    ['a refusal without a code', { success: false }, 200],
    ['a page', '<!doctype html>', 200],
    ['an error', '', 502],
    ['a list', [], 200],
    ['null', 'null', 200],
    ['a success without a host', { success: true, challenge_ts: '2026-11-23T09:29:55Z' }, 200],
    ['a success without a time', { success: true, hostname: 'a.example', challenge_ts: 'now' }, 200],
    ['a success as a text', { success: 'true', hostname: 'a.example', challenge_ts: '2026-11-23T09:29:55Z' }, 200],
  ])('blames no visitor for %s', async (_, reply, status) => {
    expect(await ask(reply, status)).toMatchObject({ kind: 'unknown' })
  })

  it('shows of codes their letters alone, and not all of a long one', async () => {
    const judgement = await ask({ success: false, 'error-codes': ['<b>\n\u001b[31m', 'x'.repeat(100), 7] })

    expect(judgement).toEqual({ kind: 'unknown', reason: `b31m, ${'x'.repeat(64)}` })
  })
})
