/**
 * The audit log of a store: what operators did, and who. Pure, and the same for every database.
 *
 * An act is stored before it is done, and its number of leads afterwards, so that none is done without a trace. The log has
 * no value of a lead; a person whom an act names is a digest.
 */
import type { OrderingKey } from '../intake/lead.ts'

/** What an operator did. `edit` is a replay of leads that were changed first. */
type ActKind =
  | 'edit'
  | 'replay'
  | 'release'
  | 'discard'
  | 'erase'
  | 'hold'
  | 'end-hold'
  | 'retry'
  | 'encrypt'
  | 'decrypt'

/** An act that is about to be done. */
export interface Act {
  kind: ActKind
  /** Name of the operator. */
  by: string
  /** `http`: over the relay's addresses · `command`: by a command on the folder or the database · `relay`: by its variables. */
  via: 'http' | 'command' | 'relay'
  /** What it was about, as JSON without personal data: ids or conditions, and the names of what was changed. */
  selector: string
  /** Reason that the operator gave. Contains no personal data. */
  reason?: string
  /** The person whom it is about. Its digest is stored. */
  person?: OrderingKey
}

/** An act as it is stored. */
export interface StoredAct extends Omit<Act, 'person'> {
  /** Number of the act, from 1, in the order of time. */
  id: number
  /** When it began, in epoch ms. */
  at: number
  /** Digest of the person; that of `person_key`. */
  personKey?: string
  /** Number of leads that it changed; absent while it is under way, and when it failed before it could tell. */
  leads?: number
}

/** The store of acts. One for all accounts of a database. */
export interface ActStore {
  /**
   * Stores an act that is about to be done, and removes acts older than 400 days. Resolves with its number when it would
   * survive a crash.
   */
  beginAct(act: Act, now: number): Promise<number>
  /** Stores how many leads an act has changed. */
  endAct(id: number, leads: number): Promise<void>
  /**
   * Lists acts, the latest first.
   *
   * @param before number of an act: those before it
   */
  listActs(limit: number, before?: number): Promise<StoredAct[]>
}

/** Time for which an act is kept, in days: more than a year. */
const ACT_DAYS = 400

/** Returns the time before which acts are removed, in epoch ms. */
export function actsKeptSince(now: number): number {
  return now - ACT_DAYS * 86_400_000
}

/** A row of the table. */
export type ActRow = {
  id: number
  at: number
  kind: string
  operator: string
  via: string
  selector: string
  reason: string | null
  person_key: string | null
  leads: number | null
}

/** The columns that are read. */
export const ACT_COLUMNS = 'id, at, kind, operator, via, selector, reason, person_key, leads'

/** Returns the act of a row. */
export function actOf({
  id,
  at,
  kind,
  operator,
  via,
  selector,
  reason,
  person_key: personKey,
  leads,
}: ActRow): StoredAct {
  return {
    id,
    at,
    kind: kind as ActKind,
    by: operator,
    via: via as Act['via'],
    selector,
    ...(reason !== null && { reason }),
    ...(personKey !== null && { personKey }),
    ...(leads !== null && { leads }),
  }
}
