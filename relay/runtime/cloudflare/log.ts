/** The log on Cloudflare: one JSON line per event, on the console. */
import type { Log } from '../../monitoring/events.ts'
import { logLine } from '../../monitoring/log-line.ts'

export const log: Log = (event) => console.log(logLine(new Date().toISOString(), event))
