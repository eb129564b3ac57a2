/**
 * A relay on Node as a process of its own, started as `form-sync serve` starts it, with injected faults and a wrong clock.
 *
 * It reports over its IPC channel when it is ready, and receives there how wrong its clock is and when to shut down.
 */
import { openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import type { RetrySchedule } from '../../relay/delivery/retry-policy.ts'
import { serve } from '../../relay/runtime/node/serve.ts'
import type { ClockErrors } from './relays.ts'
import { injectFaults, type InjectedFaults } from './steps.ts'

export interface RelayProcessOptions {
  env: Record<string, string>
  /** Path of the forms file. */
  forms: string
  /** Path of the data folder. */
  data: string
  port: number
  schedule: RetrySchedule
  faults: InjectedFaults
  clock: ClockErrors
  /** Path of the file that events are appended to. */
  log: string
}

export type Message = { clockError: number } | { shutDown: true }

const { env, forms, data, port, schedule, faults, clock, log } = JSON.parse(process.argv[2]!) as RelayProcessOptions

// The process that started this one is gone.
process.once('disconnect', () => process.exit(1))

// Before any other code reads the clock.
let clockError = clock.atStart
const rightNow = Date.now
Date.now = () => rightNow() + clockError

const events = openSync(log, 'a')
// Before the store is opened: some steps are in its opening.
const instrument = injectFaults(faults)
const serving = await serve({
  env,
  forms,
  data,
  port,
  host: '127.0.0.1',
  schedule,
  // Every call of a run is accounted for.
  checks: false,
  log: (event) => void writeSync(events, `${JSON.stringify({ at: new Date(rightNow()).toISOString(), ...event })}\n`),
  instrument(parts) {
    // By now the store is open, and all due times have been compared with the clock once.
    clockError = clock.afterwards
    return instrument(parts)
  },
})

process.on('message', (message: Message) => {
  if ('clockError' in message) clockError = message.clockError
  else void serving.close().then(() => process.exit(0))
})
process.send?.({ ready: true })
// A process that is killed would not write the cache for the next one.
flushCompileCache()
