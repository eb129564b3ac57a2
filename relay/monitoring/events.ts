/**
 * What the relay tells its operator. No event holds a person's data, a key or a signature.
 */

export type LogEvent =
  | { event: 'started'; forms: string[]; transport: string; cookiesOf: string }
  | { event: 'stopped' }
  | { event: 'accepted'; id: string; form: string; notes: string[] }
  /** The lead could not be kept, and the visitor was told so. */
  | { event: 'not-kept'; form: string; reason: string }
  | { event: 'delivered'; id: string; form: string; attempt: number; ms: number }
  | { event: 'retry'; id: string; form: string; attempt: number; reason: string; dueAt: string }
  | { event: 'parked'; id: string; form: string; attempt: number; reason: string }
  /** Marketo does not know these attributes: the lead goes without them, and is then parked with them alone. */
  | { event: 'refused'; id: string; form: string; attempt: number; reason: string; attributes: string[] }
  /** No lead is sent until then: Marketo can't be reached, or asks for a pause. */
  | { event: 'outage'; reason: string; until: string }
  /** One of Marketo's limits was met: from now on less is taken of it, and by and by more again. */
  | { event: 'limited'; limit: 'rate' | 'concurrency' | 'day'; reason: string }
  /** Nothing will get through until someone acts. Every lead is kept. */
  | { event: 'blocked'; reason: string; until: string }
  /** A server called Marketo through us. */
  | { event: 'called'; operation: string; ok: boolean; code?: string; ms: number }
  /** Two keys are set, and this one works. */
  | { event: 'key'; works: 'MARKETO_SECRET_KEY' | 'MARKETO_NEXT_SECRET_KEY' }
  /** Something is wrong that a person may have to see to: it began, grew, lasts or ended. `health.ts` says when. */
  | {
      event: 'alert'
      change: 'began' | 'grew' | 'lasts' | 'ended'
      kind: 'blocked' | 'budget' | 'outage' | 'backlog' | 'parked'
      count: number
      of?: number
      ageSeconds?: number
      lastedSeconds: number
      reason?: string
      until?: string
    }
  /** The operator had parked leads sent again. */
  | { event: 'replayed'; leads: number }
  /** The file of the outbox is damaged: it lies where `file` says, and a new one is begun. */
  | { event: 'set-aside'; file: string; found: string; advice: string }
  /** Our own failure: the outbox does not answer, or a bug. */
  | { event: 'error'; where: string; reason: string }

export type Log = (event: LogEvent) => void

/** Tells the operator which of two keys works. */
export function tellKey(log: Log): (which: 'current' | 'next') => void {
  return (which) => log({ event: 'key', works: which === 'current' ? 'MARKETO_SECRET_KEY' : 'MARKETO_NEXT_SECRET_KEY' })
}

/** What an error says of itself, for an event. Only for errors that never saw a person's data. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** A time as events tell it. */
export function iso(time: number): string {
  return new Date(time).toISOString()
}
