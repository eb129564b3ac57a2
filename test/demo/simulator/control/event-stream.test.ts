import { describe, expect, it } from 'vitest'
import { COOKIE, openSimulator, TOKEN, type SimulatorClient } from '../simulator-client.ts'

describe('/sim/events', () => {
  it('tells of visits, of people and of calls as they happen', async () => {
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

  it('tells of the person who lost a cookie and of the one who has it now', async () => {
    const simulator = openSimulator({ wait: never })
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    const events = await listen(simulator)
    await events.next()

    await simulator.sync({ email: 'eva@acme.example', cookie: COOKIE })
    const told = [await events.next(), await events.next()]

    const people = told.map(({ data }) => data as { email: string; cookies: string[] })
    expect(Object.fromEntries(people.map(({ email, cookies }) => [email, cookies]))).toEqual({
      'ana@acme.example': [],
      'eva@acme.example': [COOKIE],
    })
  })

  it('tells of a visitor who went up in a known person only by that person', async () => {
    const simulator = openSimulator({ wait: never })
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.visit(TOKEN, '/')
    const events = await listen(simulator)
    await events.next()

    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })
    const told = [await events.next(), await events.next()]

    expect(told).toMatchObject([{ event: 'person', data: { id: 700001, cookies: [COOKIE] } }, { event: 'call' }])
  })

  it('tells of a reset and of limits that were set', async () => {
    const simulator = openSimulator({ wait: never })
    const events = await listen(simulator)
    await events.next()

    await simulator.control('/sim/limits', { daily: 7 })
    await simulator.app.request('/sim/reset', { method: 'POST' })
    const told = [await events.next(), await events.next()]

    expect(told).toMatchObject([{ event: 'limits', data: { daily: 7 } }, { event: 'reset' }])
  })

  it('sends the limits again only when they have changed, also by time alone', async () => {
    const turns: (() => void)[] = []
    const simulator = openSimulator({ wait: () => new Promise((resolve) => void turns.push(resolve)) })
    await simulator.sync({ email: 'ana@acme.example' })
    const events = await listen(simulator)
    const first = await events.next()

    await turn(turns)
    simulator.clock.now += 20_000
    await turn(turns)
    const second = await events.next()

    expect([first, second]).toMatchObject([{ data: { used: { last20s: 1 } } }, { data: { used: { last20s: 0 } } }])
  })

  it('stops when nobody listens any more', async () => {
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

/** Ends the second that the stream waits for. */
async function turn(turns: (() => void)[]): Promise<void> {
  while (turns.length === 0) await new Promise((resolve) => setImmediate(resolve))
  turns.shift()?.()
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
