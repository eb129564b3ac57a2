/** Additions: leads are stored at the end of their person's order, unless their id is known. */
import type { Lead } from '../../intake/lead.ts'
import type { BatchKeys } from '../batch-planner.ts'
import type { LeadKeys } from '../person-keys.ts'
import { ADD_UP, SLOT } from './control.ts'
import type { AccountTransaction } from './database.ts'
import { lockPeopleShared } from './ordering.ts'

/**
 * Stores leads, within a transaction, in one round trip; see the port.
 *
 * When another node adds the same id or the first lead of the same person meanwhile, the database refuses the second
 * transaction, and it runs again.
 */
export function add(
  sql: AccountTransaction,
  batchKeys: BatchKeys,
  leads: readonly Lead[],
  keys: readonly LeadKeys[],
  dueAt: number,
): void {
  const first = leads.map(({ id }, at) => leads.findIndex((other) => other.id === id) === at)
  const once = <T>(values: readonly T[]) => values.filter((_, at) => first[at])
  const added = once(leads)
  const people = once(keys)
  lockPeopleShared(
    sql,
    people.map(({ person }) => person),
  )
  sql.send(
    `WITH fresh AS (
       SELECT came.* FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
           $10::bigint[], $11::text[]) WITH ORDINALITY
         AS came (id, form, person_key, visitor_key, batch_key, lead, notes, accepted_at, hold, place)
       WHERE NOT EXISTS (SELECT FROM form_sync_job AS known WHERE known.id = came.id)
     ), added AS (
       INSERT INTO form_sync_job (id, account, form, person_key, visitor_key, state, due_at, batch_key, lead, notes,
         accepted_at, settled_at, reason)
       SELECT id, $1, form, person_key, visitor_key,
         CASE WHEN hold IS NOT NULL THEN 'held'
           WHEN row_number() OVER (PARTITION BY person_key, hold IS NULL ORDER BY place) = 1 AND NOT EXISTS (
             SELECT FROM form_sync_job AS head
             WHERE head.account = $1 AND head.person_key = fresh.person_key AND head.state = 'ready')
           THEN 'ready' ELSE 'queued' END,
         CASE WHEN hold IS NULL THEN $2::bigint END, batch_key, lead, notes, accepted_at,
         CASE WHEN hold IS NOT NULL THEN $2::bigint END, hold
       FROM fresh ORDER BY place RETURNING form, state
     )
     INSERT INTO form_sync_counter (account, form, slot, waiting, held, accepted_total, held_total)
     SELECT $1, form, ${SLOT}, count(*) FILTER (WHERE state <> 'held'), count(*) FILTER (WHERE state = 'held'),
       count(*), count(*) FILTER (WHERE state = 'held')
     FROM added GROUP BY form ORDER BY form ${ADD_UP}`,
    sql.account,
    dueAt,
    added.map(({ id }) => id),
    added.map(({ form }) => form),
    people.map(({ person }) => person),
    people.map(({ visitor }) => visitor),
    added.map((lead) => batchKeys.batchKey(lead)),
    added.map((lead) => JSON.stringify(lead)),
    added.map(({ notes }) => JSON.stringify(notes)),
    added.map(({ acceptedAt }) => acceptedAt),
    added.map(({ hold }) => hold ?? null),
  )
}
