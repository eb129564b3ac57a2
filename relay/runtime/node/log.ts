/**
 * The log on Node: one JSON line an event, on the standard output.
 *
 * Each write there holds up everything else. So the lines of one turn of the event loop, which under load are those of
 * many leads, are written together at its end. A process that is killed in between loses these lines, and no lead.
 */
import type { Log } from '../../monitoring/events.ts'

/** Makes a log that writes through `write`. */
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
    lines += `{"at":"${at}",${JSON.stringify(event).slice(1)}\n`
  }
}

/** The log of a relay that is given no other. */
export const logToStdout: Log = createLineLog((lines) => void process.stdout.write(lines), Date.now)
