/**
 * A relay on Node as a process of its own, as `form-sync serve` starts it, with a fate and a clock that the harness sets.
 *
 * Over its IPC channel it says when it is ready, and is told how far its system's clock is off.
 */
import { openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { serve } from '../../relay/runtime/node/serve.ts'
import type { RetrySchedule } from '../../relay/delivery/retry-policy.ts'
import type { Clock } from './relays.ts'
import { arm, type Fate } from './steps.ts'

export interface RelayLife {
  env: Record<string, string>
  forms: string
  data: string
  port: number
  schedule: RetrySchedule
  fate: Fate
  /** Milliseconds that the system's clock is off. */
  clock: Clock
  /** Where its events go. */
  log: string
}

export type Told = { clock: number } | { end: true }

const { env, forms, data, port, schedule, fate, clock, log } = JSON.parse(process.argv[2]!) as RelayLife

// The system's clock, before anything looks at it.
let off = clock.boot
const right = Date.now
Date.now = () => right() + off

const events = openSync(log, 'a')
// Before the store is opened: some die while it is.
const instrument = arm(fate)
const serving = await serve({
  env,
  forms,
  data,
  port,
  host: '127.0.0.1',
  schedule,
  log: (event) => void writeSync(events, `${JSON.stringify({ at: new Date(right()).toISOString(), ...event })}\n`),
  instrument(parts) {
    // By now the relay has looked at it once, for all that waits.
    off = clock.after
    return instrument(parts)
  },
})

process.on('message', (told: Told) => {
  if ('clock' in told) off = told.clock
  else void serving.close().then(() => process.exit(0))
})
process.once('disconnect', () => process.exit(1))
process.send?.({ ready: true })
// A process that is killed leaves none behind for the next.
flushCompileCache()
