/** One run of the fuzzer: sends the requests of a seed, and returns what is wrong. */
import { setTimeout as sleep } from 'node:timers/promises'
import { chanceOf, type Chance } from '../chaos/chance.ts'
import { exchange } from './connection.ts'
import { HUNG, violationOf } from './contract.ts'
import { ORIGIN } from './forms.ts'
import { forbiddenIn } from './received.ts'
import { makeFetch, makeRequest } from './requests.ts'
import { inMB, isFlat, MEASURED_AFTER } from './memory.ts'
import { startTarget, type Platform, type Target } from './target.ts'

export interface FuzzOptions {
  platform: Platform
  seed: number
  requests: number
  /** Time after which a connection counts as hung, in ms. */
  hangMs: number
  /** Time after which no further request is sent, in ms. */
  maxMs: number
  print?: (line: string) => void
}

export interface FuzzReport {
  sent: number
  /** Replies by status. */
  replies: Record<string, number>
  /** What is wrong, with the number of times and the first request that showed it. */
  faults: Map<string, { times: number; request: number; bytes: string }>
  /** People that have reached Marketo. */
  people: number
  /** Memory after each of the parts in `MEASURED_AFTER`, in bytes. */
  memory: number[]
}

/** Connections at once. */
const CONNECTIONS = 12

/** Faults of one request that a machine without time shows too. */
const SILENT = 'a request without a reply'
const ON_A_BUSY_MACHINE = new Set([HUNG, SILENT])

/** Maximum time until accepted leads have reached Marketo, in ms. */
const DRAIN_MS = 60_000

/** One request of this many is sent by `fetch`. */
const FETCH_EVERY = 20

/** Runs the fuzzer. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const target = await startTarget(options.platform)
  try {
    return await fuzzTarget(target, options)
  } finally {
    await target.end()
  }
}

async function fuzzTarget(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, requests, hangMs, maxMs, print = () => {} } = options
  const report: FuzzReport = { sent: 0, replies: {}, faults: new Map(), people: 0, memory: [] }
  const end = Date.now() + maxMs
  const fault = (name: string, request: number, bytes = '') => {
    const known = report.faults.get(name)
    if (known) known.times += 1
    else report.faults.set(name, { times: 1, request, bytes: bytes.slice(0, 600) })
  }
  const alone = createTurns()

  /**
   * Sends the request with this number, which depends on the seed and the number alone. One that hangs or gets no reply is
   * sent again, alone: the machine may have been busy.
   */
  async function send(number: number): Promise<void> {
    const first = await attempt(number)
    const { found, bytes } =
      first.found && ON_A_BUSY_MACHINE.has(first.found) ? await alone(() => attempt(number)) : first
    for (const status of first.statuses) report.replies[status] = (report.replies[status] ?? 0) + 1
    if (found !== undefined) fault(found, number, bytes)
  }

  async function attempt(number: number): Promise<Attempt> {
    const chance = chanceOf(seed, number)
    if (number % FETCH_EVERY === 0) return attemptFetch(chance)
    const { bytes, isComplete } = makeRequest(chance)
    const result = await exchange(target.port, bytes, isComplete, hangMs)
    const text = bytes.toString('latin1')
    const isSilent = isComplete && result.replies.length === 0 && !result.hung && !result.broken
    const found = isSilent ? SILENT : violationOf(result, (reply) => target.isOfServer(reply, text))
    return { statuses: result.replies.map(({ status }) => status), bytes: text, found }
  }

  async function attemptFetch(chance: Chance): Promise<Attempt> {
    const { path, init } = makeFetch(chance)
    const bytes = `${init.method} ${path}`
    try {
      const url = `http://127.0.0.1:${target.port}${path}`
      const { status, headers, ...response } = await fetchText(url, { ...init, signal: AbortSignal.timeout(hangMs) })
      const reply = { status, headers: new Map(headers), body: response.body }
      return {
        statuses: [status],
        bytes,
        found: violationOf({ replies: [reply], hung: false, broken: false, rest: '' }),
      }
    } catch (error) {
      if (isBroken(error as Error)) return { statuses: [], bytes, found: undefined }
      return { statuses: [], bytes, found: (error as Error).name === 'TimeoutError' ? HUNG : SILENT }
    }
  }

  async function sendUntil(last: number): Promise<void> {
    let progress = Date.now()
    const client = async () => {
      while (report.sent < last && Date.now() < end) {
        report.sent += 1
        await send(report.sent)
        if (Date.now() - progress < 10_000) continue
        progress = Date.now()
        print(`${report.sent} requests, ${report.faults.size} faults`)
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, client))
  }

  for (const part of MEASURED_AFTER) {
    await sendUntil(Math.ceil(requests * part))
    await drain(target)
    report.memory.push(await target.memory())
    print(`memory after ${report.sent} requests: ${inMB(report.memory.at(-1)!)}`)
  }

  const email = `visitor${seed}@fuzz.example`
  const visitor = await fetch(`http://127.0.0.1:${target.port}/f/contact`, {
    method: 'POST',
    body: new URLSearchParams({ Email: email, LastName: 'Visitor' }),
    headers: { origin: ORIGIN, accept: 'application/json' },
  })
  if (visitor.status !== 202) fault('a visitor who is refused', report.sent)
  await drain(target)
  const people = await target.people()
  report.people = people.length
  if (!people.some((person) => person.email === email)) fault('a visitor who does not reach Marketo', report.sent)
  for (const forbidden of forbiddenIn(people)) fault(`at Marketo: ${forbidden}`, report.sent)
  if (!isFlat(report.memory)) fault(`memory that grows: ${report.memory.map(inMB).join(', ')}`, report.sent)
  return report
}

interface Attempt {
  statuses: number[]
  bytes: string
  found: string | undefined
}

/** True if the server has ended the connection while `fetch` still sent: a reply is then lost. */
function isBroken({ cause }: Error): boolean {
  return ['EPIPE', 'ECONNRESET'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '')
}

async function fetchText(url: string, init: RequestInit) {
  const response = await fetch(url, init)
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/** Returns a function that runs one task after the other. */
function createTurns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => {})
    return result
  }
}

/** Waits until no lead waits. */
async function drain(target: Target): Promise<void> {
  const end = Date.now() + DRAIN_MS
  while ((await target.backlog()) > 0 && Date.now() < end) await sleep(50)
}
