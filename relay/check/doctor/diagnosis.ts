/** What the doctor reports: examinations with their results, and questions that no source answers. Types, and one helper. */

export interface Examination {
  name: string
  result: 'ok' | 'warning' | 'error' | 'not examined'
  /** What was seen, in a sentence. */
  seen: string
  /** What to do, in a sentence; absent if nothing is to do. */
  advice?: string
}

export interface Diagnosis {
  transport: 'rest' | 'soap'
  examinations: Examination[]
  /** Id of the person that was created or updated, if that was asked for. */
  leadId?: number
  /** What no source tells about Marketo, with what this run has seen, if anything. */
  pleaseTellUs: { question: string; seen?: string }[]
}

/** What the doctor needs from the runtime. */
export interface DoctorOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Returns epoch milliseconds. */
  now: () => number
  /** Maximum time of each call, in ms. */
  timeout: number
  /** The variable `MUNCHKIN_ID`. */
  munchkinId?: string | undefined
  /** Our own limit of calls a day. */
  callsPerDay: number
  /** Ids of the Marketo forms that the configuration names. */
  marketoForms: readonly number[]
  /** Address of a person to create or update. */
  lead?: string | undefined
}

export function ok(name: string, seen: string): Examination {
  return { name, result: 'ok', seen }
}
