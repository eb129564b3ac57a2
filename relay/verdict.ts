/**
 * What one attempt came to, and so what happens to the job next.
 *
 * Marketo has some forty ways to answer; a transport turns each into one of these four. Types only.
 */
import type { Lead } from './lead.ts'

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
    }
  /** This lead will never do as it is: out of the queue, kept for a person. */
  | { kind: 'park'; reason: string }
  /** Nothing will get through until someone acts: stop, keep every lead, tell them. */
  | { kind: 'blocked'; reason: string }

/** The way to one Marketo. SOAP is one, REST another. */
export interface Transport {
  readonly name: 'soap' | 'rest'
  /**
   * Tries once to deliver a lead. Never throws and never hangs longer than its own deadline: whatever happens is a
   * verdict.
   */
  deliver(lead: Lead): Promise<Verdict>
}
