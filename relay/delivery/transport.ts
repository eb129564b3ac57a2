/**
 * What one attempt came to, and so what happens to the job next.
 *
 * Marketo has some forty ways to answer; a transport turns each into one of these. Types only.
 */
import type { Lead } from '../intake/lead.ts'

export type Verdict =
  /** Marketo has it. */
  | { kind: 'sent'; leadId: number }
  /** It may go through later. */
  | {
      kind: 'retry'
      reason: string
      /** Milliseconds to wait at the least, where Marketo's answer implies it. */
      after?: number
      /** Park after this many attempts: the answer is as likely to be final as to pass. */
      atMost?: number
      /** True when it is no fault of this lead, so that all wait and none is overtaken. */
      everyone?: true
      /** True when no byte of this lead was sent: whatever is wrong, it is not the lead. */
      neverArrived?: true
      /** True when Marketo may still be at work on it: sent again too soon, one person could become two. */
      uncertain?: true
    }
  /** One of Marketo's limits was met: all keep to less of it. `after` is for the one call at fault, in milliseconds. */
  | { kind: 'limited'; limit: 'rate' | 'concurrency' | 'day'; reason: string; after: number }
  /** Marketo does not know these attributes: without them it may take the lead. */
  | { kind: 'refused'; reason: string; attributes: string[] }
  /**
   * The whole call was refused, for what may be another's fault in it. `apart` means that nobody knows whose, so that
   * they go in smaller calls.
   */
  | { kind: 'again'; reason: string; apart?: true }
  /** This lead will never do as it is: out of the queue, kept for a person. */
  | { kind: 'park'; reason: string }
  /** Nothing will get through until someone acts: stop, keep every lead, tell them. */
  | { kind: 'blocked'; reason: string }

/** The way to one Marketo. SOAP is one, REST another. */
export interface Transport {
  readonly name: 'soap' | 'rest'
  /**
   * Tries once to deliver leads in one call: one, or several of different people that have neither cookie nor
   * workspace. Gives a verdict for each, in their order. Never throws and never hangs longer than its own deadline:
   * whatever happens is a verdict.
   */
  deliver(leads: readonly [Lead, ...Lead[]]): Promise<Verdict[]>
}
