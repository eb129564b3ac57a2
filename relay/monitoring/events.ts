/**
 * The events that the relay logs for its operator. No event holds a person's data, a key or a signature.
 */
import type { IssueKind } from './health.ts'

/** An event. It has the name of the account that it concerns, if that has a name. */
export type LogEvent = AnyEvent & { account?: string }

type AnyEvent =
  | {
      event: 'started'
      forms: string[]
      transport: string
      cookiesOf: string
      /** Accounts with a name. */
      accounts?: { account: string; transport: string; cookiesOf: string }[]
    }
  | { event: 'stopped' }
  /** The variables of this account are set, but no form names it. Leads that wait for it are delivered. */
  | { event: 'account-unused'; account: string; reason: string }
  | { event: 'accepted'; id: string; form: string; notes: string[] }
  /** The id was used before with another content: this is another lead, stored under the id `storedAs`. */
  | { event: 'id-reused'; id: string; form: string; storedAs: string }
  /**
   * A submission was refused. `fields` are those that were missing or not valid, with the code of each. `unreported` is the
   * number of others of the same form, code and origin that had no event, because there were too many of them.
   */
  | { event: 'refused'; form?: string; code: string; origin?: string; fields?: string[]; unreported?: number }
  /**
   * A rule has met a post, and the lead is delivered, held or dropped; see `relay/guards/`. `unreported` is the number of
   * others of the same form and rule that had no event, because there were too many of them.
   */
  | {
      event: 'watched' | 'held' | 'dropped'
      id: string
      form: string
      rule: string
      reason?: string
      unreported?: number
    }
  /** Several submissions had these fields, which the form does not define. They are left out. */
  | { event: 'fields-unknown'; form: string; fields: string[] }
  /** A provider of challenges did not check an answer. It is reported once a minute at most. The lead is held. */
  | { event: 'challenge-unknown'; provider: string; reason: string }
  /** Something in the configuration works, and is probably not what was meant. */
  | { event: 'configuration-warning'; place: string; reason: string }
  /** The lead could not be stored. The visitor was told so. */
  | { event: 'not-kept'; form: string; reason: string }
  /** `note` says that a Marketo form may have been filled out twice. */
  | { event: 'delivered'; id: string; form: string; attempt: number; ms: number; note?: string }
  | { event: 'retry'; id: string; form: string; attempt: number; reason: string; dueAt: string }
  | { event: 'parked'; id: string; form: string; attempt: number; reason: string }
  /** The cookie of a delivered lead, which followed in a call of its own, was associated with the person. */
  | { event: 'cookie-associated'; id: string; attempt: number; ms: number }
  | { event: 'cookie-retry'; id: string; attempt: number; reason: string; dueAt: string }
  /** The cookie of a delivered lead will not be associated: Marketo does not take it, or a newer lead has it. */
  | { event: 'cookie-given-up'; id: string; attempt: number; reason: string }
  /**
   * Marketo does not know these attributes, or refuses their values. The lead is sent without them, then parked with
   * these attributes only.
   */
  | { event: 'attributes-rejected'; id: string; form: string; attempt: number; reason: string; attributes: string[] }
  /** Marketo cannot be reached or asks for a pause. No lead is sent until the given time. */
  | { event: 'outage'; reason: string; lead?: string; until: string }
  /** Marketo reported that one of its limits was reached. The relay now uses less of it, and slowly returns to all. */
  | { event: 'limited'; limit: 'rate' | 'concurrency' | 'day'; reason: string }
  /** Marketo rejects every lead until an operator acts. Every lead is kept. */
  | { event: 'blocked'; reason: string; lead?: string; until: string }
  /** A server used the relay to call Marketo. */
  | { event: 'called'; operation: string; ok: boolean; code?: string; ms: number }
  /** Two keys are configured, and this one works. */
  | { event: 'key'; works: string }
  /** A health issue that an operator may have to act on. `health.ts` lists the issues, `alerts.ts` defines the changes. */
  | {
      event: 'alert'
      change: 'started' | 'escalated' | 'ongoing' | 'resolved'
      kind: IssueKind
      count: number
      of?: number
      /** Owner of the limit of calls a day that is met, for `budget`. */
      metLimit?: 'marketo' | 'own'
      ageSeconds?: number
      lastedSeconds: number
      reason?: string
      until?: string
    }
  /** A receiver has taken an alert, has not, or will not be sent it any more. `where` is the host of the receiver. */
  | { event: 'alert-sent'; kind: IssueKind; change: string; where: string; attempt: number }
  | { event: 'alert-not-sent'; kind: IssueKind; change: string; where: string; attempt: number; reason: string }
  | { event: 'alert-given-up'; kind: IssueKind; change: string; attempt: number }
  /** The monitor outside has got no heartbeat this time. `where` is its host. */
  | { event: 'heartbeat-not-sent'; where: string; reason: string }
  /** The forms were compared with the fields of Marketo. `notChecked` lists what could not be compared, and why. */
  | { event: 'checked'; errors: number; warnings: number; notChecked?: string[] }
  /** The operator replayed parked leads. */
  | { event: 'replayed'; leads: number; by: string }
  /** An operator discarded undelivered leads. `selector` has the conditions that they met: no address, but maybe a domain. */
  | { event: 'discarded'; leads: number; by: string; reason: string; selector: LoggedSelector }
  /**
   * An operator erased a person, who is not named. The numbers are those of the rows: leads in each state, receipts, cookies
   * that were owed; `underWay` is that of the rows that were left.
   */
  | {
      event: 'erased'
      by: string
      waiting: number
      held: number
      parked: number
      receipts: number
      owedCookies: number
      underWay: number
    }
  /** Parked and held leads of a form were discarded, because nobody has decided about them within `FORM_SYNC_PARKED_DAYS`. */
  | { event: 'expired'; form: string; leads: number }
  /** An operator has all new leads of a form held. */
  | { event: 'form-hold-started'; form: string; by: string; reason: string }
  /** New leads of the form are delivered again. Those that were held stay held. */
  | { event: 'form-hold-ended'; form: string; by: string }
  /** The operator asked for a call at once. `waiting` is the number of leads that wait. */
  | { event: 'retry-requested'; waiting: number; by: string }
  /** The outbox file is damaged. It was moved to `file`, and a new outbox was created. */
  | { event: 'quarantined'; file: string; found: string; advice: string }
  /** Leads that were accepted are no longer in the outbox. `file` is the report; the issue lasts until it is deleted. */
  | { event: 'leads-missing'; leads: number; file: string; reason: string }
  /** A failure of the relay itself: the outbox does not answer, or a bug. */
  | { event: 'error'; where: string; reason: string }

/** Conditions by which an operator has selected leads. */
export type LoggedSelector = Partial<Record<'state' | 'form' | 'source' | 'from' | 'until' | 'domain', string>>

export type Log = (event: LogEvent) => void

/** Returns a callback that logs which of the two configured keys works. */
export function logWorkingKey(log: Log): (which: 'current' | 'next') => void {
  return (which) => log({ event: 'key', works: which === 'current' ? 'MARKETO_SECRET_KEY' : 'MARKETO_NEXT_SECRET_KEY' })
}

/** Returns a callback that logs that a lead was stored under another id than its own. */
export function logReusedId(log: Log): (reused: { id: string; form: string; storedAs: string }) => void {
  return ({ id, form, storedAs }) => log({ event: 'id-reused', id, form, storedAs })
}

/** Describes an error for an event, as `name: message`. Use it only for errors that cannot contain a person's data. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** Formats a time in epoch milliseconds for an event: ISO 8601, in UTC. */
export function iso(time: number): string {
  return new Date(time).toISOString()
}
