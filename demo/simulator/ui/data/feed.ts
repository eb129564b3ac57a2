/**
 * Where news come from: a whole picture by REST, then every change by the event stream.
 *
 * The stream is opened first. What it says while the picture is on its way is kept and told after it, so that no change
 * falls between the two and none is overwritten by an older picture. After each break the picture is taken anew.
 */
import type { CallDetail, CallView, LimitsView, PersonView, SimulatorEvent } from '../../view.ts'
import { traceOf } from './request-keys.ts'
import type { Journeys } from './journeys.ts'

/** The browser, as far as the feed needs it. */
export interface Doors {
  fetch(path: string): Promise<Response>
  events(path: string): EventSource
  /** Runs once after `ms` milliseconds; the returned function calls it off. */
  after(ms: number, run: () => void): () => void
  /** Epoch milliseconds. */
  now(): number
}

/** What each kind of event carries. */
interface News extends Record<SimulatorEvent, unknown> {
  person: PersonView
  call: CallView
  limits: LimitsView
  reset: undefined
}

/** A browser reconnects an event stream by itself, except when the server answered with an error. */
const RECONNECT_AFTER = 2000
/** So many failed calls, the newest, are looked into for whose they were. */
const MOST_TRACES = 100

/** Keeps `journeys` up to date until the returned function is called. */
export function follow(journeys: Journeys, doors: Doors): () => void {
  let stream: EventSource
  let stopped = false
  let waiting: (() => void)[] | undefined
  let callOffReconnect = (): void => {}
  const untraced: CallView[] = []
  let tracing = false

  function connect(): void {
    stream = doors.events('sim/events')
    stream.addEventListener('open', () => void load())
    stream.addEventListener('error', () => lost())
    on('person', (person) => journeys.putPerson(person))
    on('call', (call) => {
      journeys.putCall(call)
      lookInto([call])
    })
    on('limits', (limits) => journeys.putLimits(limits))
    on('reset', () => journeys.reset())
  }

  function on<Type extends SimulatorEvent>(type: Type, take: (news: News[Type]) => void): void {
    stream.addEventListener(type, (event: MessageEvent<string>) => {
      const run = (): void => take((type === 'reset' ? undefined : JSON.parse(event.data)) as News[Type])
      if (waiting) waiting.push(run)
      else run()
    })
  }

  async function load(): Promise<void> {
    const mine: (() => void)[] = []
    waiting = mine
    try {
      const [people, calls, limits] = await Promise.all([
        read<PersonView[]>('sim/leads'),
        read<CallView[]>('sim/calls'),
        read<LimitsView>('sim/limits'),
      ])
      if (stopped || waiting !== mine) return
      journeys.load(people, calls, limits)
      journeys.putLink({ state: 'live' })
      waiting = undefined
      lookInto(calls)
      for (const run of mine) run()
    } catch {
      // Whatever it was, the picture is missing: say so, and start over.
      if (stopped || waiting !== mine) return
      stream.close()
      lost()
    }
  }

  function lost(): void {
    waiting = undefined
    if (stopped) return
    if (journeys.link.state !== 'lost') journeys.putLink({ state: 'lost', since: doors.now() })
    if (stream.readyState !== stream.CLOSED) return
    callOffReconnect()
    callOffReconnect = doors.after(RECONNECT_AFTER, connect)
  }

  async function read<Body>(path: string): Promise<Body> {
    const response = await doors.fetch(path)
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`)
    return (await response.json()) as Body
  }

  function lookInto(calls: readonly CallView[]): void {
    untraced.push(...calls.filter((call) => !call.ok && call.leadId === null))
    untraced.splice(0, untraced.length - MOST_TRACES)
    if (!tracing) void trace()
  }

  /** One at a time: there may be many, and nobody waits for them. */
  async function trace(): Promise<void> {
    tracing = true
    for (let call = untraced.pop(); call && !stopped; call = untraced.pop()) {
      const { number } = call
      await read<CallDetail>(`sim/calls/${number}`).then(
        (detail) => journeys.putTrace(number, traceOf(detail.request)),
        // Whose it was stays unknown; the call stands in the log all the same.
        () => undefined,
      )
    }
    tracing = false
  }

  connect()
  return () => {
    stopped = true
    callOffReconnect()
    stream.close()
  }
}
