/**
 * The audit log: the admin service behind HTTP and the commands that records each act of an operator and lists them. It
 * knows neither HTTP nor the terminal, and neither records nor returns a value of a lead.
 */
import type { OrderingKey } from '../intake/lead.ts'
import { iso } from '../monitoring/events.ts'
import type { Act, ActStore, StoredAct } from '../outbox/acts.ts'

/** Maximum number of acts in a page. */
export const MAX_ACTS = 200

/** Who acts, and in which way. */
export interface Actor {
  /** Name of the operator. Absent where it is not known: then it is the name that a request gives. */
  by?: string
  via: Act['via']
  /** Name of the account to which the request is restricted. */
  account?: string | undefined
}

/** An act that an operator has asked for. */
export interface RequestedAct {
  kind: Act['kind']
  /** What it is about: ids or conditions, and the names of what is changed. */
  selector: object
  reason?: string
  /** The name that the request gives. */
  by?: string
  person?: OrderingKey
}

/** Records acts. */
export interface Recorder {
  /**
   * Records the act, does it, and records the number of leads. Where the act cannot be recorded, it is not done. The steps of
   * one bulk act are one record.
   *
   * @param leadsOf returns the number of leads that were changed
   */
  record<Result>(act: RequestedAct, work: () => Promise<Result>, leadsOf: (result: Result) => number): Promise<Result>
}

/** An act as an operator sees it. */
export interface ListedAct extends Omit<StoredAct, 'at' | 'selector'> {
  /** When it began, ISO 8601. */
  at: string
  selector: Record<string, unknown>
}

export interface ActPage {
  /** The latest first. */
  acts: ListedAct[]
  /** Cursor of the next page, if there is one. */
  next?: number
}

export interface AuditLog {
  /** @param before the `next` of the previous page */
  list(limit: number, before?: number): Promise<ActPage>
}

/** Creates what records the acts of one request or one command. */
export function createRecorder(
  store: Pick<ActStore, 'beginAct' | 'endAct'>,
  actor: Actor,
  now: () => number,
): Recorder {
  const { via, account } = actor
  let last: { act: string; id: number; leads: number } | undefined
  return {
    async record({ kind, selector, reason, by = 'operator', person }, work, leadsOf) {
      const requested: Act = {
        kind,
        by: actor.by ?? by,
        via,
        selector: JSON.stringify({ ...selector, account }, withoutAddresses),
        ...(reason && { reason }),
        ...(person !== undefined && { person }),
      }
      const act = JSON.stringify(requested)
      if (last?.act !== act) last = { act, id: await store.beginAct(requested, now()), leads: 0 }
      const current = last
      const result = await work()
      current.leads += leadsOf(result)
      await store.endAct(current.id, current.leads)
      return result
    },
  }
}

/** Creates the list. */
export function createAuditLog(store: Pick<ActStore, 'listActs'>): AuditLog {
  return {
    async list(limit, before) {
      const acts = await store.listActs(limit, before)
      const last = acts.length === limit ? acts.at(-1) : undefined
      return { acts: acts.map(listed), ...(last && { next: last.id }) }
    },
  }
}

function listed({ at, selector, ...act }: StoredAct): ListedAct {
  return { ...act, at: iso(at), selector: JSON.parse(selector) as Record<string, unknown> }
}

/** Leaves out a text that has an address: an operator may have typed one in place of an id. */
function withoutAddresses(_: string, value: unknown): unknown {
  return typeof value === 'string' && /\S@\S/.test(value) ? '(has an address)' : value
}
