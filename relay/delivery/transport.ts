/**
 * The port of a transport: one attempt to deliver leads to Marketo, and its verdict. Types only.
 *
 * Marketo has some forty ways to answer; a transport turns each into one of these. A verdict answers three questions:
 * whose fault it was, whether the lead arrived, and how long to wait. The retry policy decides what follows.
 */
import type { Lead } from '../intake/lead.ts'
import type { BatchKeys } from '../outbox/batch-planner.ts'
import type { OwedCookie } from '../outbox/outbox.ts'

export type { OwedCookie } from '../outbox/outbox.ts'

export type Verdict =
  /** Marketo has stored the lead. `note`, without a value, says what was left out of it. */
  | { kind: 'delivered'; leadId: number; note?: string }
  /** The attempt failed and may be repeated. */
  | {
      kind: 'failed'
      reason: string
      /** `lead`: this lead · `batch`: a lead of the call, unknown which · `account`: every lead would fail. */
      fault: 'lead' | 'batch' | 'account'
      /** `no`: no byte was sent · `maybe`: Marketo may still be processing it · `yes`: it was read and answered. */
      arrived: 'no' | 'maybe' | 'yes'
      /** Minimum wait before the next attempt, in ms, where the answer implies it. */
      waitMs?: number
      /**
       * Number of attempts after which the lead is parked: the failure is as likely to be final as to pass. For a fault of
       * the account: the lead itself may be the cause, and attempts count while others get through.
       */
      maxAttempts?: number
      /** The answer came from something before Marketo, or was lost: `probe` tells whether it is about this lead. */
      gateway?: true
    }
  /**
   * The call was refused because of another lead, which the answer names. `overtaken`: no call was made for an owed cookie,
   * because a newer lead of the visitor has it.
   */
  | { kind: 'unaffected'; reason: string; overtaken?: true }
  /**
   * Marketo does not know these attributes, or refuses their values, or refuses the `cookie`; without them it may take
   * the lead.
   */
  | { kind: 'rejected'; reason: string; attributes: string[]; cookie?: boolean }
  /** Marketo reported one of its limits. `waitMs` is the pause that it implies. */
  | { kind: 'limited'; limit: 'rate' | 'concurrency' | 'day'; reason: string; waitMs: number }
  /** This lead will never be taken as it is. */
  | { kind: 'park'; reason: string }
  /** No lead will be taken until a person acts; or this lead alone is not, where `maxAttempts` is given. */
  | { kind: 'blocked'; reason: string; maxAttempts?: number; gateway?: true }

/** What is known of the leads of an attempt, and what it may do beside its call. */
export interface DeliveryContext {
  /** Number of earlier attempts by which a Marketo form may have been filled out. 0 for a lead that fills out none. */
  unanswered: number
  /**
   * Makes one more call for a lead, while the call of the attempt is not under way. Waits for the limits as long as the
   * attempt has time. Resolves with undefined where they, or the time that is left, allow none.
   *
   * @param call makes the call, which takes this many milliseconds at most. Never rejects
   */
  step<T>(call: (timeout: number) => Promise<T>): Promise<T | undefined>
}

/** One way to Marketo, such as SOAP or REST. */
export interface Transport extends BatchKeys {
  readonly name: 'soap' | 'rest'
  /**
   * Tries once to deliver leads in one call: leads of different people with the same batch key, or one lead. Resolves
   * with a verdict for each, in their order. Never rejects, and never takes longer than its own time-out and its steps.
   *
   * @param context without it the attempt is the first, and makes no step
   */
  deliver(leads: readonly Lead[], context?: DeliveryContext): Promise<Verdict[]>
  /**
   * Associates one visitor's cookie with a person, in one call: `delivered` when it is, `park` or `rejected` when it never
   * will be. Never rejects, and never takes longer than its own time-out.
   */
  associate(owed: OwedCookie): Promise<Verdict>
  /**
   * Makes a call that holds nothing of any lead and changes nothing. Resolves with whether Marketo carried it out. Never
   * rejects.
   *
   * @param timeout maximum time of the call, in ms
   */
  probe(timeout: number): Promise<boolean>
}
