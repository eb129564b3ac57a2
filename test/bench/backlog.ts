/**
 * Measures the delivery of 100,000 waiting leads with 300 in a call, and with one in a call, within Marketo's limits.
 *
 * All parts are real: the outbox in a file, the dispatcher, either API over HTTP, and the simulator in a process of its
 * own, which refuses calls beyond the limits. With one in a call it would take hours, so half a minute of it is measured
 * and extrapolated. A mixed backlog follows; see `mixed-backlog.ts`.
 */
import { join } from 'node:path'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import { createDispatcher } from '../../relay/delivery/dispatcher.ts'
import type { LogEvent } from '../../relay/monitoring/events.ts'
import { batchKeysOf, createTransport } from '../../relay/marketo/transport.ts'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import { createTimer } from '../../relay/runtime/node/timer.ts'
import { endChild, spawnChild, waitForOutput } from '../chaos/cleanup.ts'
import type { Api } from '../support/account-variables.ts'
import { runMixedBacklog } from './mixed-backlog.ts'
import { fill, outboxFile } from './waiting.ts'

const LEADS = 100_000
/**
 * Minimum ratio of the times. The calls differ by a factor of 300, and the limits allow equally many calls of both; below
 * this ratio the relay, not Marketo's limit, is what takes the time.
 */
const MIN_RATIO = 170
/** Time for which one in a call is measured, in ms. */
const SINGLE_MS = 30_000
/** Everything that Marketo allows one instance, but for the quota of a day, which would end this at once. */
const MARKETO = { ratePer20s: 100, concurrency: 10, daily: 1_000_000 }

export const backlogBench = {
  about: '100,000 waiting leads, 300 in a call beside one in a call; then a mixed backlog, by calls (two minutes)',

  apis: ['soap', 'rest'] as const,

  async run(print: (line: string) => void, api: Api = 'soap'): Promise<boolean> {
    const simulator = spawnChild(process.execPath, ['demo/simulator/main.ts', '--port', '0'], {
      cwd: join(import.meta.dirname, '../..'),
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    try {
      const [address] = await waitForOutput(simulator, /http:\/\/localhost:\d+/)
      await post(address, '/sim/limits', MARKETO)
      const batched = await drain(address, api, 300, Infinity, print)
      await post(address, '/sim/reset', {})
      await post(address, '/sim/limits', MARKETO)
      const single = await drain(address, api, 1, SINGLE_MS, print)

      const singleMs = (LEADS / single.leads) * single.ms
      const ratio = singleMs / batched.ms
      print('')
      print(`${LEADS.toLocaleString('en')} leads without cookies   300 in a call   one in a call   ratio`)
      print(row('calls', cell(batched.calls), cell(LEADS), Math.round(LEADS / batched.calls)))
      print(row('time', duration(batched.ms), duration(singleMs), Math.round(ratio)))
      print(row('calls refused', cell(batched.refused), cell(single.refused)))
      print(`One in a call is extrapolated from ${single.leads} leads in ${duration(single.ms)}.`)
      const results = [
        {
          what: `one in a call takes ${Math.round(ratio)} × the time (floor ${MIN_RATIO} ×)`,
          pass: ratio >= MIN_RATIO,
        },
        { what: `${cell(batched.leads)} leads delivered of ${cell(LEADS)}`, pass: batched.leads === LEADS },
        { what: 'Marketo refused no call', pass: batched.refused === 0 },
      ]
      for (const { what, pass } of results) print(`${pass ? 'PASS' : 'FAIL'}  ${what}`)
      const mixed = await runMixedBacklog(print, batchKeysOf(api))
      return mixed && results.every(({ pass }) => pass)
    } finally {
      await endChild(simulator, 'SIGTERM')
    }
  },
}

interface Drained {
  leads: number
  calls: number
  /** Calls that Marketo refused because of a limit. */
  refused: number
  ms: number
}

/** Delivers until nothing waits, or for `atMost` ms. */
async function drain(
  address: string,
  api: Api,
  leadsPerCall: number,
  atMost: number,
  print: (line: string) => void,
): Promise<Drained> {
  const limits: Limits = { callsPer20s: 100, concurrency: 10, callsPerDay: 1_000_000, leadsPerCall, timeout: 90_000 }
  const { outbox, remove } = await outboxFile(limits, batchKeysOf(api))
  await fill(outbox, 0, LEADS, Date.now())

  let [calls, refused] = [0, 0]
  const { userId, secretKey, clientId, clientSecret } = DEMO_ACCOUNT
  const transport = createTransport(
    api === 'soap'
      ? { endpoint: `${address}/soap/mktows/3_1`, userId, secretKey }
      : { transport: 'rest', endpoint: address, clientId, clientSecret },
    {
      fetch: (url, init) => {
        // A call for a token counts in no limit.
        if (!url.includes('/identity/')) calls += 1
        return fetch(url, init)
      },
      now: Date.now,
      timeout: limits.timeout,
    },
  )
  const startedAt = Date.now()
  const timer = createTimer(Date.now, () => dispatcher.wake(), 5_000)
  const done = Promise.withResolvers<void>()
  const dispatcher = createDispatcher({
    outbox,
    transport,
    now: Date.now,
    random: Math.random,
    wakeAt(time) {
      timer.wakeAt(time)
      if (time === undefined) done.resolve()
    },
    log(event: LogEvent) {
      if (event.event === 'limited') refused += 1
      if (event.event === 'error' || event.event === 'parked') done.reject(new Error(JSON.stringify(event)))
    },
    limits,
  })
  const reportProgress = async () => {
    const { delivered } = await outbox.status(Date.now())
    print(`  ${leadsPerCall} in a call: ${cell(delivered)} leads after ${duration(Date.now() - startedAt)}`)
    if (Date.now() - startedAt >= atMost) done.resolve()
  }
  const progress = setInterval(() => void reportProgress(), 10_000)
  try {
    dispatcher.wake()
    await done.promise
    const { delivered } = await outbox.status(Date.now())
    return { leads: delivered, calls, refused, ms: Date.now() - startedAt }
  } finally {
    clearInterval(progress)
    await dispatcher.stop()
    timer.stop()
    remove()
  }
}

async function post(address: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
}

function row(name: string, batched: string, single: string, ratio: number | string = ''): string {
  return `${name.padEnd(29)}${batched.padStart(13)}${single.padStart(16)}${String(ratio).padStart(8)}`
}

function cell(number: number): string {
  return number.toLocaleString('en')
}

function duration(ms: number): string {
  if (ms >= 3_600_000) return `${(ms / 3_600_000).toFixed(1)} h`
  return `${(ms / 1_000).toFixed(1)} s`
}
