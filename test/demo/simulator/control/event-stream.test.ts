import { describe, expect, it } from 'vitest'
import { COOKIE, nextTick, openSimulator, TOKEN, type SimulatorClient } from '../simulator-client.ts'

describe('/sim/events', () => {
  it('sends visits, people and calls as they happen', async () => {
    const simulator = openSimulator({ wait: never })
    const events = await listen(simulator)
    const first = await events.next()

    await simulator.visit(TOKEN, '/')
    const visitor = await events.next()
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    const known = await events.next()
    const call = await events.next()

    expect(first).toMatchObject({ event: 'limits', data: { used: { today: 0 } } })
    expect(visitor).toEqual({ event: 'person', data: expect.objectContaining({ id: 700001, known: false }) })
    const [person] = await simulator.leads()
    expect(known).toEqual({ event: 'person', data: person })
    expect(call).toEqual({ event: 'call', data: (await simulator.calls())[0] })
  })

  it('sends both people when a cookie moves from one to the other', async () => {
    const simulator = openSimulator({ wait: never })
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    const events = await listen(simulator)
    await events.next()

    await simulator.sync({ email: 'eva@acme.example', cookie: COOKIE })
    const received = [await events.next(), await events.next()]

    const people = received.map(({ data }) => data as { email: string; cookies: string[] })
    expect(Object.fromEntries(people.map(({ email, cookies }) => [email, cookies]))).toEqual({
      'ana@acme.example': [],
      'eva@acme.example': [COOKIE],
    })
  })

  it('sends only the known person when a visitor is merged into that person', async () => {
    const simulator = openSimulator({ wait: never })
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.visit(TOKEN, '/')
    const events = await listen(simulator)
    await events.next()

    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    const received = [await events.next(), await events.next()]

    expect(received).toMatchObject([{ event: 'person', data: { id: 700001, cookies: [COOKIE] } }, { event: 'call' }])
  })

  it('sends changed limits and a reset', async () => {
    const simulator = openSimulator({ wait: never })
    const events = await listen(simulator)
    await events.next()

    await simulator.control('/sim/limits', { daily: 7 })
    await simulator.app.request('/sim/reset', { method: 'POST' })
    const received = [await events.next(), await events.next()]

    expect(received).toMatchObject([{ event: 'limits', data: { daily: 7 } }, { event: 'reset' }])
  })

  it.each([
    ['PUT', { people: [{ email: 'eva@acme.example' }] }, ['eva@acme.example']],
    ['DELETE', undefined, []],
  ])('sends all people after %s /sim/people, and no reset', async (method, body, expected) => {
    const simulator = openSimulator({ wait: never })
    await simulator.sync({ email: 'ana@acme.example' })
    const events = await listen(simulator)
    await events.next()

    await simulator.app.request('/sim/people', { method, body: JSON.stringify(body) ?? null })
    await simulator.visit(TOKEN, '/')
    const [people, visitor] = [await events.next(), await events.next()]

    expect(people).toMatchObject({ event: 'people', data: expected.map((email) => ({ email })) })
    expect(visitor).toMatchObject({ event: 'person', data: { known: false } })
  })

  it('sends the limits again only when they have changed, even without a call', async () => {
    const delays: (() => void)[] = []
    const simulator = openSimulator({ wait: () => new Promise((resolve) => void delays.push(resolve)) })
    await simulator.sync({ email: 'ana@acme.example' })
    const events = await listen(simulator)
    const first = await events.next()

    await endDelay(delays)
    simulator.clock.now += 20_000
    await endDelay(delays)
    const second = await events.next()

    expect([first, second]).toMatchObject([{ data: { used: { last20s: 1 } } }, { data: { used: { last20s: 0 } } }])
  })

  it('stops when the client disconnects', async () => {
    const signals: AbortSignal[] = []
    const simulator = openSimulator({
      wait: (_, signal) => {
        if (signal) signals.push(signal)
        return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))
      },
    })
    const events = await listen(simulator)
    await events.next()

    await events.leave()

    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })
})

const never = (): Promise<void> => new Promise(() => undefined)

/** Ends the next delay of the stream. */
async function endDelay(delays: (() => void)[]): Promise<void> {
  while (delays.length === 0) await nextTick()
  delays.shift()?.()
}

interface Listening {
  next(): Promise<{ event: string; data: unknown }>
  leave(): Promise<void>
}

async function listen({ app }: SimulatorClient): Promise<Listening> {
  const response = await app.request('/sim/events')
  const reader = (response.body ?? new ReadableStream<Uint8Array<ArrayBuffer>>())
    .pipeThrough(new TextDecoderStream())
    .getReader()
  let text = ''
  return {
    async next() {
      while (!text.includes('\n\n')) {
        const { value, done } = await reader.read()
        if (done) throw new Error('The stream has ended.')
        text += value
      }
      const end = text.indexOf('\n\n')
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string): string =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
      return { event: field('event'), data: JSON.parse(field('data')) as unknown }
    },
    leave: () => reader.cancel(),
  }
}
