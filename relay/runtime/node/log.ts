/**
 * The log on Node: one JSON line per event, on the standard output.
 *
 * A write to the standard output blocks the process. So all events of one iteration of the event loop, under load those
 * of many leads, are written together at its end. A process that is killed before that loses these lines, but no lead.
 */
import type { Log } from '../../monitoring/events.ts'
import { logLine } from '../../monitoring/log-line.ts'

/** Creates a log that writes through `write`. `now` returns epoch milliseconds. */
export function createLineLog(write: (lines: string) => void, now: () => number): Log {
  let lines = ''
  let time = Number.NaN
  let at = ''

  function flush(): void {
    const all = lines
    lines = ''
    write(all)
  }

  return (event) => {
    if (lines === '') setImmediate(flush)
    const present = now()
    if (present !== time) at = new Date(present).toISOString()
    time = present
    lines += `${logLine(at, event)}\n`
  }
}

/** The relay's default log. */
export const logToStdout: Log = createLineLog((lines) => void process.stdout.write(lines), Date.now)
