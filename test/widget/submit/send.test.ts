import { describe, expect, it } from 'vitest'
import { send } from '../../../widget/submit/send.ts'
import { browserGlobals, type Globals } from '../../../widget/globals.ts'
import { type FakeRelay, fakeRelay } from '../../support/widget-page.ts'

/** Sends one field. Returns the outcome, the requested pauses, which take no time, and the requests. */
async function sendField(relay: FakeRelay, field = 'x', globals: Partial<Globals> = {}) {
  const pauses: number[] = []
  const wait = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds)
  const body = new URLSearchParams({ field })
  const outcome = await send(relay.action, body, { ...browserGlobals, random: () => 0.5, wait, ...globals })
  return { outcome, pauses, requests: await relay.requests() }
}

it('sends a request that needs no preflight and has no cookie', async () => {
  const { outcome, requests } = await sendField(fakeRelay('202'))

  expect(outcome).toEqual({ kind: 'sent', next: undefined })
  expect(requests.map(({ method }) => method)).toEqual(['POST'])
  expect(requests[0]!.headers).toMatchObject({
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
  })
  expect(requests[0]!.headers).not.toHaveProperty('cookie')
})

it('returns the thanks address', async () => {
  const { outcome } = await sendField(fakeRelay('202:thanks'))

  expect(outcome).toEqual({ kind: 'sent', next: 'https://www.acme.example/thanks' })
})

it('ignores a thanks address with the scheme javascript', async () => {
  const headers = { location: 'javascript:alert(1)' }
  const respond = async (): Promise<Response> => Response.json({ ok: true }, { status: 202, headers })

  const { outcome } = await sendField(fakeRelay('202'), 'x', { fetch: respond })

  expect(outcome).toEqual({ kind: 'sent', next: undefined })
})

it('sends a body that is too large for keepalive', async () => {
  const { outcome, requests } = await sendField(fakeRelay('202'), 'x'.repeat(70_000))

  expect(outcome.kind).toBe('sent')
  expect(requests[0]!.body).toHaveLength(70_006)
})

it.each([
  [59_000, true],
  [61_000, false],
])('sends a body of %i bytes with keepalive: %s', async (size, keepalive) => {
  const inits: RequestInit[] = []
  const respond = async (_: string, init: RequestInit): Promise<Response> => {
    inits.push(init)
    return Response.json({ ok: true }, { status: 202 })
  }

  await sendField(fakeRelay('202'), 'x'.repeat(size), { fetch: respond })

  expect(inits[0]!.keepalive).toBe(keepalive)
})

it('repeats a try without keepalive, because other scripts of the page share its limit', async () => {
  const inits: RequestInit[] = []
  const respond = async (_: string, init: RequestInit): Promise<Response> => {
    inits.push(init)
    if (init.keepalive) throw new TypeError('Failed to fetch')
    return Response.json({ ok: true }, { status: 202 })
  }

  const { outcome } = await sendField(fakeRelay('202'), 'x'.repeat(40_000), { fetch: respond })

  expect(outcome.kind).toBe('sent')
  expect(inits.map(({ keepalive }) => keepalive)).toEqual([true, false])
})

describe('retries', () => {
  it.each([
    ['a dropped connection', 'drop+202', 2],
    ['two errors of a gateway', '502+504+202', 3],
    ['an unavailable relay', '503:0+202', 2],
    ['a page of a proxy', 'html+202', 2],
  ])('succeed after %s', async (_, responses, count) => {
    const { outcome, requests } = await sendField(fakeRelay(responses))

    expect(outcome.kind).toBe('sent')
    expect(requests).toHaveLength(count)
    expect(new Set(requests.map(({ body }) => body))).toHaveLength(1)
  })

  it('succeed after a response that never comes', async () => {
    const { outcome, requests } = await sendField(fakeRelay('hang+202'), 'x', { timeout: 500 })

    expect(outcome.kind).toBe('sent')
    expect(requests).toHaveLength(2)
  })

  it('wait longer before each try, by a random factor', async () => {
    const { pauses } = await sendField(fakeRelay('drop'), 'x', { random: () => 0.25 })

    expect(pauses).toEqual([250, 500])
  })

  it('wait as long as the relay asks', async () => {
    const { pauses } = await sendField(fakeRelay('429:2+202'))

    expect(pauses).toEqual([2500])
  })

  it('do not take place if the relay asks for a pause of a minute', async () => {
    const { outcome, pauses, requests } = await sendField(fakeRelay('503:60+202'))

    expect(outcome).toMatchObject({ kind: 'failed', reason: 'unavailable' })
    expect(pauses).toEqual([])
    expect(requests).toHaveLength(1)
  })
})

describe('the failure', () => {
  it.each([
    ['dropped connections', 'drop', 3, { reason: 'network' }],
    ['a relay that stays unavailable', '503', 3, { reason: 'unavailable', problem: { code: 'unavailable' } }],
    ['too many submissions', '429', 3, { reason: 'unavailable', problem: { code: 'rate' } }],
    ['an unknown form', '404', 1, { reason: 'refused', problem: { code: 'form' } }],
    ['a refused origin', '403', 1, { reason: 'refused', problem: { code: 'origin' } }],
    ['an answer that is not ok', '202:no', 1, { reason: 'refused' }],
    ['fields to correct', '422:Email', 1, { reason: 'fields', problem: { errors: [{ field: 'Email' }] } }],
  ])('has its reason and problem after %s', async (_, responses, count, expected) => {
    const { outcome, requests } = await sendField(fakeRelay(responses))

    expect(outcome).toMatchObject({ kind: 'failed', ...expected })
    expect(requests).toHaveLength(count)
  })
})
