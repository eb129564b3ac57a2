import { describe, expect, it } from 'vitest'
import { send } from '../../../widget/submit/send.ts'
import { browser, type World } from '../../../widget/globals.ts'
import { type Place, place } from '../../support/widget-page.ts'

/** Sends one field there, without pauses; answers what came of it and the pauses that it would have made. */
async function sent(where: Place, field = 'x', world: Partial<World> = {}) {
  const waits: number[] = []
  const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds)
  const body = new URLSearchParams({ field })
  const outcome = await send(where.action, body, { ...browser, random: () => 0.5, wait, ...world })
  return { outcome, waits, seen: await where.seen() }
}

it('asks for no permission and shows no cookie', async () => {
  const { outcome, seen } = await sent(place('202'))

  expect(outcome).toEqual({ kind: 'sent', next: undefined })
  expect(seen.map(({ method }) => method)).toEqual(['POST'])
  expect(seen[0]!.headers).toMatchObject({
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
  })
  expect(seen[0]!.headers).not.toHaveProperty('cookie')
})

it('tells the thanks address', async () => {
  const { outcome } = await sent(place('202:thanks'))

  expect(outcome).toEqual({ kind: 'sent', next: 'https://www.acme.example/thanks' })
})

it('never tells an address that is a script', async () => {
  const headers = { location: 'javascript:alert(1)' }
  const answer = async (): Promise<Response> => Response.json({ ok: true }, { status: 202, headers })

  const { outcome } = await sent(place('202'), 'x', { fetch: answer })

  expect(outcome).toEqual({ kind: 'sent', next: undefined })
})

it('sends a body too large to outlive its page', async () => {
  const { outcome, seen } = await sent(place('202'), 'x'.repeat(70_000))

  expect(outcome.kind).toBe('sent')
  expect(seen[0]!.body).toHaveLength(70_006)
})

it.each([
  [59_000, true],
  [61_000, false],
])('lets a body of %i bytes outlive its page: %s', async (size, keepalive) => {
  const asked: RequestInit[] = []
  const answer = async (_: string, init: RequestInit): Promise<Response> => {
    asked.push(init)
    return Response.json({ ok: true }, { status: 202 })
  }

  await sent(place('202'), 'x'.repeat(size), { fetch: answer })

  expect(asked[0]!.keepalive).toBe(keepalive)
})

describe('asking again', () => {
  it.each([
    ['a dropped connection', 'drop+202', 2],
    ['a gateway without its relay', '502+504+202', 3],
    ['a relay that cannot keep it', '503:0+202', 2],
    ['a page from somebody in between', 'html+202', 2],
  ])('gets through after %s', async (_, answers, times) => {
    const { outcome, seen } = await sent(place(answers))

    expect(outcome.kind).toBe('sent')
    expect(seen).toHaveLength(times)
    expect(new Set(seen.map(({ body }) => body))).toHaveLength(1)
  })

  it('gets through after an answer that never comes', async () => {
    const { outcome, seen } = await sent(place('hang+202'), 'x', { timeout: 500 })

    expect(outcome.kind).toBe('sent')
    expect(seen).toHaveLength(2)
  })

  it('waits a little longer each time, by chance', async () => {
    const { waits } = await sent(place('drop'), 'x', { random: () => 0.25 })

    expect(waits).toEqual([250, 500])
  })

  it('waits as long as the relay says', async () => {
    const { waits } = await sent(place('429:2+202'))

    expect(waits).toEqual([2500])
  })

  it('does not keep the visitor waiting for a relay that wants a minute', async () => {
    const { outcome, waits, seen } = await sent(place('503:60+202'))

    expect(outcome).toMatchObject({ kind: 'failed', reason: 'unavailable' })
    expect(waits).toEqual([])
    expect(seen).toHaveLength(1)
  })
})

describe('giving up', () => {
  it.each([
    ['no answer', 'drop', 3, { reason: 'network' }],
    ['a relay that stays away', '503', 3, { reason: 'unavailable', problem: { code: 'unavailable' } }],
    ['too many submissions', '429', 3, { reason: 'unavailable', problem: { code: 'rate' } }],
    ['an unknown form', '404', 1, { reason: 'refused', problem: { code: 'form' } }],
    ['another page’s form', '403', 1, { reason: 'refused', problem: { code: 'origin' } }],
    ['an answer that says nothing', '202:no', 1, { reason: 'refused' }],
    ['fields to correct', '422:Email', 1, { reason: 'fields', problem: { errors: [{ field: 'Email' }] } }],
  ])('after %s', async (_, answers, times, expected) => {
    const { outcome, seen } = await sent(place(answers))

    expect(outcome).toMatchObject({ kind: 'failed', ...expected })
    expect(seen).toHaveLength(times)
  })
})
