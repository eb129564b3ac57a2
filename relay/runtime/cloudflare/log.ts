/** The log on Cloudflare: one JSON line per event, on the console. */
import type { Log } from '../../monitoring/events.ts'

export const log: Log = (event) => console.log(JSON.stringify({ at: new Date().toISOString(), ...event }))
