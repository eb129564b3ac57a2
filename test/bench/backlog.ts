/**
 * How long 100,000 waiting leads take, 300 to a call, against one to a call, both within Marketo's limits.
 *
 * All of it is real: the outbox in a file, the deliverer, signed SOAP over HTTP, the simulator in a process of its own
 * that keeps the limits and would refuse what goes beyond. One to a call is measured for a while and reckoned up: it
 * would take hours.
 */
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import { createDispatcher } from '../../relay/delivery/dispatcher.ts'
import type { LogEvent } from '../../relay/monitoring/events.ts'
import { createSoapTransport } from '../../relay/marketo/soap/transport.ts'
import type { Limits } from '../../relay/outbox/limits/limits.ts'
import { createTimer } from '../../relay/runtime/node/timer.ts'
import { startProgram } from '../support/process.ts'
import { fill, outboxFile } from './waiting.ts'

const LEADS = 100_000
/** Milliseconds in which they must be gone. */
const FLOOR = 120_000
/** Milliseconds for which one to a call is measured. */
const ONE_BY_ONE = 30_000
/** All that Marketo allows in one instance. Its daily quota would end this before it has begun. */
const MARKETO = { ratePer20s: 100, concurrency: 10, daily: 1_000_000 }

export const backlogBench = {
  about: '100,000 waiting leads, 300 to a call, against one to a call within the same limits',

  async run(print: (line: string) => void): Promise<boolean> {
    const simulator = await startProgram(['demo/simulator/main.ts', '--port', '0'], {}, /http:\/\/localhost:\d+/)
    const [address] = simulator.ready
    try {
      await tell(address, '/sim/limits', MARKETO)
      const batched = await drain(address, 300, Infinity, print)
      await tell(address, '/sim/reset', {})
      await tell(address, '/sim/limits', MARKETO)
      const single = await drain(address, 1, ONE_BY_ONE, print)

      const reckoned = (LEADS / single.leads) * single.ms
      print('')
      print(`${LEADS.toLocaleString('en')} leads without cookies    calls    refused    time`)
      print(`300 to a call                 ${cell(batched.calls)} ${cell(batched.refused, 10)}    ${spell(batched.ms)}`)
      print(
        `one to a call                 ${cell(LEADS)} ${cell(single.refused, 10)}    ${spell(reckoned)}, ` +
          `reckoned from ${single.leads} leads in ${spell(single.ms)}`,
      )
      print(`ratio                         ${Math.round(reckoned / batched.ms)}`)
      const pass = batched.leads === LEADS && batched.ms <= FLOOR && batched.refused === 0
      print(`${pass ? 'PASS' : 'FAIL'}: all gone within ${spell(FLOOR)}, no call refused`)
      return pass
    } finally {
      await simulator.end()
    }
  },
}

interface Drained {
  leads: number
  calls: number
  /** Calls that Marketo refused for a limit. */
  refused: number
  ms: number
}

/** Delivers until nothing waits, or for so long. */
async function drain(
  address: string,
  leadsPerCall: number,
  atMost: number,
  print: (line: string) => void,
): Promise<Drained> {
  const limits: Limits = { callsPer20s: 100, concurrency: 10, callsPerDay: 1_000_000, leadsPerCall, timeout: 90_000 }
  const { outbox, remove } = outboxFile(limits)
  await fill(outbox, 0, LEADS, Date.now())

  let [calls, refused] = [0, 0]
  const transport = createSoapTransport({
    endpoint: `${address}/soap/mktows/3_1`,
    userId: DEMO_ACCOUNT.userId,
    secretKey: DEMO_ACCOUNT.secretKey,
    fetch: (url, init) => {
      calls += 1
      return fetch(url, init)
    },
    now: Date.now,
  })
  const began = Date.now()
  const timer = createTimer(Date.now, () => deliverer.wake())
  const done = Promise.withResolvers<void>()
  const deliverer = createDispatcher({
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
  const look = async () => {
    const { delivered } = await outbox.status(Date.now())
    print(`  ${leadsPerCall} to a call: ${delivered.toLocaleString('en')} after ${spell(Date.now() - began)}`)
    if (Date.now() - began >= atMost) done.resolve()
  }
  const progress = setInterval(() => void look(), 10_000)
  try {
    deliverer.wake()
    await done.promise
    const { delivered } = await outbox.status(Date.now())
    return { leads: delivered, calls, refused, ms: Date.now() - began }
  } finally {
    clearInterval(progress)
    await deliverer.stop()
    timer.stop()
    remove()
  }
}

async function tell(address: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
}

function cell(number: number, width = 8): string {
  return number.toLocaleString('en').padStart(width)
}

function spell(ms: number): string {
  if (ms >= 3_600_000) return `${(ms / 3_600_000).toFixed(1)} h`
  return `${(ms / 1_000).toFixed(1)} s`
}
