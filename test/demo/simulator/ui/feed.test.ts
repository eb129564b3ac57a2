/** How the page keeps up: the picture, then the news, and again after every break. */
import { beforeEach, describe, expect, it } from 'vitest'
import { follow, type BrowserApi } from '../../../../demo/simulator/ui/data/feed.ts'
import { Journeys } from '../../../../demo/simulator/ui/data/journeys.ts'
import type { SimulatorEvent } from '../../../../demo/simulator/view.ts'
import { ana, calls, details, limits, people, visitor, visitorKnown } from './sample-data.ts'

/** An event stream in the test's hands. */
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
  /** As a browser does: it tries again by itself, unless the server said no. */
  fail(forGood: boolean): void {
    this.readyState = forGood ? this.CLOSED : 0
    this.dispatchEvent(new Event('error'))
  }
}

let streams: Stream[]
let timers: { ms: number; run: () => void }[]
let asked: string[]
/** What a path is answered with. */
let answers: Record<string, unknown>
let answer: (path: string) => Promise<unknown>
let journeys: Journeys
let stop: () => void

/** Lets what was promised happen. */
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
  it('takes the whole picture once the stream is open', async () => {
    streams[0]!.open()
    await settle()

    expect(journeys.people).toHaveLength(6)
    expect(journeys.limits).toEqual(limits)
    expect(journeys.connection).toEqual({ state: 'live' })
  })

  it('tells what came while the picture was on its way after the picture', async () => {
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

  it('says since when it hears nothing, and takes the picture anew when it does again', async () => {
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

  it('opens another stream when the browser gave this one up', async () => {
    streams[0]!.open()
    await settle()
    streams[0]!.fail(true)

    for (const timer of timers) timer.run()

    expect(streams).toHaveLength(2)
  })

  it('starts over when the picture cannot be had', async () => {
    answer = async () => undefined
    streams[0]!.open()
    await settle()

    expect(journeys.loaded).toBe(false)
    expect(journeys.connection.state).toBe('lost')
    expect(timers).toHaveLength(1)
  })

  it('looks into the calls that failed for whose they were', async () => {
    streams[0]!.open()
    await settle()

    expect(asked.filter((path) => path.startsWith('sim/calls/'))).toEqual(['sim/calls/6', 'sim/calls/4'])
    expect(journeys.failed.of(ana).map((call) => call.number)).toEqual([4])
  })

  it('forgets all when the simulator was reset', async () => {
    streams[0]!.open()
    await settle()

    streams[0]!.dispatchEvent(new MessageEvent('reset', { data: '' }))

    expect(journeys.people).toEqual([])
  })

  it('leaves nothing behind when it is stopped', async () => {
    streams[0]!.open()
    await settle()
    streams[0]!.fail(true)

    stop()

    expect(timers).toEqual([])
    expect(streams[0]!.readyState).toBe(2)
  })
})
