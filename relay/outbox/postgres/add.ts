/** A lead comes: kept at the end of its person's line, unless its id is known. */
import type { Lead } from '../../intake/lead.ts'
import { isBatchable } from '../batching.ts'
import type { Transaction } from './database.ts'
import { shareLines } from './ordering.ts'
import { storable } from './text.ts'

/**
 * See the port. Within a transaction; whatever the number of leads, one way to the database and back.
 *
 * Where someone else adds the same id or the first lead of the same person meanwhile, the database refuses the second
 * of the two, and the transaction is to be done anew.
 */
export function add(sql: Transaction, leads: readonly Lead[], dueAt: number): void {
  const came = firstOfEachId(leads)
  const persons = came.map(({ person }) => storable(person))
  shareLines(sql, persons)
  sql.send(
    `WITH fresh AS (
       SELECT came.*, form_sync_line(came.person) AS line
       FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::bigint[])
         WITH ORDINALITY AS came (id, form, person, sociable, lead, notes, accepted_at, place)
       WHERE NOT EXISTS (
         SELECT FROM form_sync_job AS known WHERE left(known.id, 500) = left(came.id, 500) AND known.id = came.id)
     )
     INSERT INTO form_sync_job (id, form, person, state, due_at, sociable, lead, notes, accepted_at)
     SELECT id, form, person,
       CASE WHEN row_number() OVER (PARTITION BY line ORDER BY place) = 1 AND NOT EXISTS (
         SELECT FROM form_sync_job AS head WHERE head.line = fresh.line AND head.state = 'ready')
       THEN 'ready' ELSE 'behind' END,
       $8, sociable, lead, notes, accepted_at
     FROM fresh ORDER BY place`,
    came.map(({ id }) => storable(id)),
    came.map(({ form }) => storable(form)),
    persons,
    came.map((lead) => Number(isBatchable(lead))),
    came.map((lead) => JSON.stringify(lead)),
    came.map(({ notes }) => JSON.stringify(notes)),
    came.map(({ acceptedAt }) => acceptedAt),
    dueAt,
  )
}

function firstOfEachId(leads: readonly Lead[]): Lead[] {
  const byId = new Map<string, Lead>()
  for (const lead of leads) if (!byId.has(lead.id)) byId.set(lead.id, lead)
  return [...byId.values()]
}
