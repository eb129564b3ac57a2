/**
 * Loads the data from `/sim/…` and keeps it up to date through the event stream. Draws nothing.
 *
 * The stream opens first. Events that arrive during the load are applied after it, so that no change is lost or
 * overwritten by older data. After each interruption all data is loaded again.
 */
import type { CallDetail, CallView, LimitsView, PersonView, SimulatorEvent } from '../../view.ts'
import { MAX_CALLS, type Journeys } from './journeys.ts'
import { readRequestKeys } from './request-keys.ts'

/** The browser functions that the feed uses. */
export interface BrowserApi {
  fetch(path: string): Promise<Response>
  events(path: string): EventSource
  /** Runs a function once after `ms` milliseconds. Returns the function that cancels it. */
  after(ms: number, run: () => void): () => void
  /** Returns epoch milliseconds. */
  now(): number
}

/** Data of each event. */
interface EventData extends Record<SimulatorEvent, unknown> {
  person: PersonView
  people: PersonView[]
  call: CallView
  limits: LimitsView
  reset: undefined
}

/** Delay before the stream is opened again. A browser reconnects by itself unless the server answered with an error. */
const RECONNECT_DELAY_MS = 2000

/** Keeps `journeys` up to date until the returned function is called. */
export function follow(journeys: Journeys, browser: BrowserApi): () => void {
  let stream: EventSource
  let stopped = false
  /** Events that arrived during a load; undefined while no load is in progress. */
  let buffered: (() => void)[] | undefined
  let cancelReconnect = (): void => {}
  /** Failed calls whose person is not known yet. */
  const unassigned: CallView[] = []
  let isAssigning = false

  function connect(): void {
    stream = browser.events('sim/events')
    stream.addEventListener('open', () => void load())
    stream.addEventListener('error', () => handleLoss())
    on('person', (person) => journeys.putPerson(person))
    on('people', (people) => journeys.putPeople(people))
    on('call', (call) => {
      journeys.putCall(call)
      assignToPeople([call])
    })
    on('limits', (limits) => journeys.putLimits(limits))
    on('reset', () => journeys.reset())
  }

  function on<Type extends SimulatorEvent>(type: Type, handle: (data: EventData[Type]) => void): void {
    stream.addEventListener(type, (event: MessageEvent<string>) => {
      const run = (): void => handle((type === 'reset' ? undefined : JSON.parse(event.data)) as EventData[Type])
      if (buffered) buffered.push(run)
      else run()
    })
  }

  async function load(): Promise<void> {
    const ownBuffer: (() => void)[] = []
    buffered = ownBuffer
    try {
      const [people, calls, limits] = await Promise.all([
        read<PersonView[]>('sim/leads'),
        read<CallView[]>('sim/calls'),
        read<LimitsView>('sim/limits'),
      ])
      // A newer load has its own buffer.
      if (stopped || buffered !== ownBuffer) return
      journeys.load(people, calls, limits)
      journeys.putConnection({ state: 'live' })
      buffered = undefined
      assignToPeople(calls.slice(-MAX_CALLS))
      for (const run of ownBuffer) run()
    } catch {
      // The page shows the loss and loads again; it needs no detail of the error.
      if (stopped || buffered !== ownBuffer) return
      stream.close()
      handleLoss()
    }
  }

  function handleLoss(): void {
    buffered = undefined
    if (stopped) return
    if (journeys.connection.state !== 'lost') journeys.putConnection({ state: 'lost', since: browser.now() })
    if (stream.readyState !== stream.CLOSED) return
    cancelReconnect()
    cancelReconnect = browser.after(RECONNECT_DELAY_MS, connect)
  }

  async function read<Body>(path: string): Promise<Body> {
    const response = await browser.fetch(path)
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`)
    return (await response.json()) as Body
  }

  function assignToPeople(calls: readonly CallView[]): void {
    unassigned.push(...calls.filter((call) => !call.ok && call.leadId === null))
    unassigned.splice(0, unassigned.length - MAX_CALLS)
    if (!isAssigning) void readRequests()
  }

  /** Reads the requests one at a time, because there may be many and they are not urgent. */
  async function readRequests(): Promise<void> {
    isAssigning = true
    for (let call = unassigned.pop(); call && !stopped; call = unassigned.pop()) {
      const { number } = call
      await read<CallDetail>(`sim/calls/${number}`).then(
        (detail) => journeys.putRequestKeys(number, readRequestKeys(detail.request)),
        // The call log shows the call anyway, without a person.
        () => undefined,
      )
    }
    isAssigning = false
  }

  connect()
  return () => {
    stopped = true
    cancelReconnect()
    stream.close()
  }
}
