/** Tests of the feed: the initial load, the events, and a new load after every interruption. */
import { beforeEach, describe, expect, it } from 'vitest'
import { follow, type BrowserApi } from '../../../../demo/simulator/ui/data/feed.ts'
import { Journeys } from '../../../../demo/simulator/ui/data/journeys.ts'
import type { SimulatorEvent } from '../../../../demo/simulator/view.ts'
import { ana, calls, details, limits, people, visitor, visitorKnown } from './sample-data.ts'

/** An event stream that the test controls. */
class Stream extends EventTarget {
  readonly CLOSED = 2
  readyState = 0
  close(): void {
    this.readyState = this.CLOSED
  }
  open(): void {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  say(type: SimulatorEvent, data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
  /** Fails like a browser's stream: it reconnects by itself, unless the server answered with an error. */
  fail(forGood: boolean): void {
    this.readyState = forGood ? this.CLOSED : 0
    this.dispatchEvent(new Event('error'))
  }
}

let streams: Stream[]
let timers: { ms: number; run: () => void }[]
let asked: string[]
/** Answers by path. */
let answers: Record<string, unknown>
let answer: (path: string) => Promise<unknown>
let journeys: Journeys
let stop: () => void

/** Lets pending promises settle. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

beforeEach(() => {
  streams = []
  timers = []
  asked = []
  answers = { 'sim/leads': people, 'sim/calls': calls, 'sim/limits': limits }
  answer = async (path) => answers[path] ?? details[Number(path.split('/')[2])]
  journeys = new Journeys()
  const browser: BrowserApi = {
    async fetch(path) {
      asked.push(path)
      const body = await answer(path)
      return { ok: body !== undefined, json: async () => body } as Response
    },
    events() {
      const stream = new Stream()
      streams.push(stream)
      return stream as unknown as EventSource
    },
    after(ms, run) {
      const timer = { ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    now: () => 1_000,
  }
  stop = follow(journeys, browser)
})

describe('the feed', () => {
  it('loads all data once the stream is open', async () => {
    streams[0]!.open()
    await settle()

    expect(journeys.people).toHaveLength(6)
    expect(journeys.limits).toEqual(limits)
    expect(journeys.connection).toEqual({ state: 'live' })
  })

  it('applies events that arrive during a load after it', async () => {
    let send: (people: unknown) => void = () => undefined
    const late = new Promise<unknown>((resolve) => (send = resolve))
    const soon = answer
    answer = async (path) => (path === 'sim/leads' ? late : soon(path))
    streams[0]!.open()
    streams[0]!.say('person', visitorKnown)

    send(people)
    await settle()

    expect(journeys.person(visitor.id)?.known).toBe(true)
  })

  it('reports a lost connection with its time, and loads all data again when it is back', async () => {
    streams[0]!.open()
    await settle()
    streams[0]!.fail(false)
    expect(journeys.connection).toEqual({ state: 'lost', since: 1_000 })
    expect(streams).toHaveLength(1)

    answers['sim/leads'] = [ana]
    streams[0]!.open()
    await settle()

    expect(journeys.connection).toEqual({ state: 'live' })
    expect(journeys.people.map((person) => person.id)).toEqual([ana.id])
  })

  it('opens a new stream if the browser does not reconnect', async () => {
    streams[0]!.open()
    await settle()
    streams[0]!.fail(true)

    for (const timer of timers) timer.run()

    expect(streams).toHaveLength(2)
  })

  it('retries if the load fails', async () => {
    answer = async () => undefined
    streams[0]!.open()
    await settle()

    expect(journeys.loaded).toBe(false)
    expect(journeys.connection.state).toBe('lost')
    expect(timers).toHaveLength(1)
  })

  it('reads the requests of failed calls to find their people', async () => {
    streams[0]!.open()
    await settle()

    expect(asked.filter((path) => path.startsWith('sim/calls/'))).toEqual(['sim/calls/6', 'sim/calls/4'])
    expect(journeys.failed.of(ana).map((call) => call.number)).toEqual([4])
  })

  it('removes all data when the simulator is reset', async () => {
    streams[0]!.open()
    await settle()

    streams[0]!.dispatchEvent(new MessageEvent('reset', { data: '' }))

    expect(journeys.people).toEqual([])
  })

  it('replaces the people and keeps the calls when other people are set', async () => {
    streams[0]!.open()
    await settle()
    const { calls } = journeys
    const other = { ...ana, id: 700_009, email: 'eva@acme.example' }

    streams[0]!.dispatchEvent(new MessageEvent('people', { data: JSON.stringify([other]) }))

    expect(journeys.people).toEqual([other])
    expect(calls.length).toBeGreaterThan(0)
    expect(journeys.calls).toEqual(calls)
  })

  it('cancels its timers and closes the stream when it is stopped', async () => {
    streams[0]!.open()
    await settle()
    streams[0]!.fail(true)

    stop()

    expect(timers).toEqual([])
    expect(streams[0]!.readyState).toBe(2)
  })
})
