/**
 * Finds what is stored about a person, and erases it: the admin service behind HTTP and the commands. It knows neither HTTP
 * nor the terminal. It returns no address, and no value of a lead.
 */
import { readAddress } from '../intake/address.ts'
import { orderingKeyOf } from '../intake/identity.ts'
import type { OrderingKey } from '../intake/lead.ts'
import { iso } from '../monitoring/events.ts'
import type { Recorder } from './audit-log.ts'
import { personRow } from '../outbox/person.ts'
import type { Counts, JobRecord, Outbox, PersonRow } from '../outbox/outbox.ts'

/** Maximum number of rows in a page. */
const MAX_ROWS = 500

/** Steps of the outbox in one request. */
const STEPS_PER_REQUEST = 10

export interface Persons {
  /** Returns a page of the rows of a person. */
  find(email: string, after?: string): Promise<FoundPage>
  /**
   * Returns a page of the rows of a lead's person; of a receipt, which does not name the person, its own row. None when there is
   * no lead with this id.
   */
  findLead(id: string, after?: string): Promise<FoundPage>
  /** Erases rows of a person. To erase all, call it again until there is no `more`. */
  erase(request: EraseRequest): Promise<EraseResult>
}

export interface FoundPage {
  rows: FoundRow[]
  /** Cursor of the next page, if there may be one. */
  next?: string
}

/** A row as an operator sees it. Times are ISO 8601. */
export interface FoundRow extends Omit<PersonRow, 'acceptedAt' | 'dueAt' | 'settledAt'> {
  acceptedAt: string
  /** When a waiting lead is due. */
  dueAt?: string
  /** When it was delivered, discarded, parked or held. */
  settledAt?: string
}

interface EraseRequest {
  email: string
  by: string
  dryRun: boolean
}

/** Numbers of rows that were erased, or that would be. */
export interface EraseResult extends Counts {
  dryRun: boolean
  /** Cookies that were still to be associated. */
  owedCookies: number
  /** Rows that were left, because a call for them is under way. */
  underWay: number
  /** Present when there may be more rows. */
  more?: true
}

/** Creates the admin service of an outbox. */
export function createPersons(
  outbox: Pick<Outbox, 'find' | 'findPerson' | 'erase'>,
  now: () => number,
  recorder: Recorder,
): Persons {
  async function eraseRows(person: OrderingKey, by: string, dryRun: boolean): Promise<EraseResult> {
    const total = { waiting: 0, held: 0, parked: 0, receipts: 0, owedCookies: 0 }
    let underWay = 0
    let more = true
    for (let steps = 0; more && steps < STEPS_PER_REQUEST; steps += 1) {
      const step = await outbox.erase(person, { by, dryRun }, now())
      total.waiting += step.waiting
      total.held += step.held
      total.parked += step.parked
      total.receipts += step.receipts
      total.owedCookies += step.owed
      underWay = step.underWay
      more = step.more
    }
    return { dryRun, ...total, underWay, ...(more && { more: true }) }
  }

  async function rowsOf(person: OrderingKey, after: string | undefined): Promise<FoundPage> {
    const rows: PersonRow[] = []
    let next = after
    // Of several outboxes each has pages of its own.
    do {
      const page = await outbox.findPerson(person, MAX_ROWS - rows.length, next)
      rows.push(...page.rows)
      next = page.next
    } while (next !== undefined && rows.length < MAX_ROWS)
    return { rows: rows.map(withTexts), ...(next !== undefined && { next }) }
  }

  return {
    find: async (email, after) => rowsOf(personOf(email), after),
    async findLead(id, after) {
      const found = await outbox.find(id)
      if (found?.lead) return rowsOf(found.lead.person, after)
      return { rows: found ? [withTexts(withoutLead(found))] : [] }
    },
    async erase({ email, by, dryRun }) {
      const person = personOf(email)
      if (dryRun) return eraseRows(person, by, dryRun)
      return recorder.record(
        { kind: 'erase', selector: {}, by, person },
        () => eraseRows(person, by, dryRun),
        ({ waiting, held, parked, receipts }) => waiting + held + parked + receipts,
      )
    },
  }
}

function personOf(email: string): OrderingKey {
  const address = readAddress(email)
  if (address === undefined) throw new RangeError('the address must look like name@example.com')
  return orderingKeyOf(address)
}

function withoutLead(record: JobRecord): PersonRow {
  return personRow(record, false, false)
}

function withTexts({ acceptedAt, dueAt, settledAt, ...row }: PersonRow): FoundRow {
  return {
    ...row,
    acceptedAt: iso(acceptedAt),
    ...(dueAt !== undefined && { dueAt: iso(dueAt) }),
    ...(settledAt !== undefined && { settledAt: iso(settledAt) }),
  }
}
