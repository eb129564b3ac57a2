/** Additions: leads are stored at the end of their person's order, unless their id is known with the same content. */
import type { Lead } from '../../intake/lead.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { withReplacedId, type AddedKeys, type ReusedId } from '../content-key.ts'
import { FORM_HOLD_REASON } from '../held-forms.ts'
import { joinRules } from '../job-row.ts'
import { ADD_UP, SLOT } from './control.ts'
import type { AccountTransaction } from './database.ts'
import { lockPeopleShared, overtake } from './ordering.ts'
import { turnOf } from './turns.ts'

interface Addition {
  /** The leads whose ids were used before with another content. Not to be awaited within the transaction. */
  reused: Promise<ReusedId[]>
}

/**
 * Stores leads, within a transaction, in one round trip; see the port.
 *
 * When another node adds the same id or the first lead of the same person meanwhile, the database refuses the second
 * transaction, and it runs again.
 *
 * @param leaseEnd when a lease would expire that began at `dueAt`
 */
export function add(
  sql: AccountTransaction,
  batchKeys: BatchKeys,
  leads: readonly Lead[],
  keys: readonly AddedKeys[],
  dueAt: number,
  leaseEnd: number,
): Addition {
  const ids = new Set<string>()
  const contents = new Set<string>()
  const added = leads.flatMap((lead, at) => {
    const own = keys[at]!
    if (lead.drop || contents.has(own.content)) return []
    contents.add(own.content)
    const isFirst = !ids.has(lead.id)
    ids.add(lead.id)
    return [{ lead, keys: own, isFirst, replaced: withReplacedId(lead, own) }]
  })
  const persons = added.map(({ keys }) => keys.person)
  const { sealing } = sql
  const seal = (lead: Lead) =>
    sealing?.sealJob({ id: lead.id, lead: stored(lead), reason: lead.hold ?? null }, sql.account)
  const [own, replaced] = [added.map(({ lead }) => seal(lead)), added.map((each) => seal(each.replaced))]
  lockPeopleShared(sql, persons)
  const replacements = sql.run<{ id: string }>(
    sealing ? ADD_SEALED : ADD,
    sql.account,
    dueAt,
    added.map(({ lead }) => lead.id),
    added.map(({ isFirst }) => Number(isFirst)),
    added.map(({ replaced }) => replaced.id),
    added.map(({ keys }) => keys.content),
    added.map(({ lead }) => lead.form),
    persons,
    added.map(({ keys }) => keys.visitor),
    added.map(({ lead }) => batchKeys.batchKey(lead)),
    added.map(({ lead }) => JSON.stringify(lead.notes)),
    added.map(({ replaced }) => JSON.stringify(replaced.notes)),
    added.map(({ lead }, at) => own[at]?.lead ?? stored({ ...lead, id: undefined, notes: undefined })),
    added.map(({ lead }) => lead.acceptedAt),
    added.map(({ lead }, at) => own[at]?.reason ?? lead.hold ?? null),
    added.map(({ keys }) => keys.source),
    added.map(({ lead }) => joinRules(lead)),
    replaced.map((each) => each?.lead ?? null),
    replaced.map((each) => each?.reason ?? null),
    leads.filter(({ drop }) => drop).map(({ form }) => form),
  )
  overtake(sql, persons, leaseEnd)
  const reused = replacements.then((rows) => rows.map(({ id }) => reusedIdOf(id, added)))
  // Nothing awaits it when the transaction fails, which reports the failure itself.
  reused.catch(() => undefined)
  return { reused }
}

/** Returns what is stored of a lead, or of a part of it. */
function stored(lead: { [member in keyof Lead]: Lead[member] | undefined }): string {
  return JSON.stringify({ ...lead, network: undefined, cookieLeftOut: undefined, rules: undefined })
}

function reusedIdOf(storedAs: string, added: readonly { lead: Lead; replaced: Lead }[]): ReusedId {
  const { lead } = added.find(({ replaced }) => replaced.id === storedAs)!
  return { id: lead.id, form: lead.form, storedAs }
}

/** A lead that may have to wait gets its turn from a claim. */
const HAS_TURN_AT_ONCE = `placed.state = 'ready' AND $2::bigint <= placed.accepted_at`

/**
 * The counters of each form that came are written, also where nothing is added: a lead that is dropped or stored already waits
 * for the disk as a new one does.
 *
 * Each lead comes with both ids and notes, because only the server knows which of them it needs: the replacement when its
 * own id stands for another content, or is taken by an earlier lead of the same statement. A known id without a digest
 * stands for any content. Returns the replacements that were stored.
 *
 * @param lead expression for the lead as it is stored
 * @param hold expression for the reason of its hold
 */
const insertion = (lead: string, hold: string) => `WITH came AS (
    SELECT *, coalesce(own_hold, (
        SELECT '${FORM_HOLD_REASON}' || reason FROM form_sync_held_form AS held WHERE held.form = came.form)) AS hold
    FROM unnest($3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
      $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::text[], $16::text[], $17::text[],
      $18::text[], $19::text[]) WITH ORDINALITY
      AS came (own_id, is_first, replacement, content_key, form, person_key, visitor_key, batch_key, own_notes,
        replaced_notes, rest, accepted_at, own_hold, source, rules, replaced_lead, replaced_hold, place)
  ), other AS (
    SELECT came.*, known.id IS NULL AND is_first = 1 AS keeps_id
    FROM came LEFT JOIN form_sync_job AS known ON known.id = own_id
    WHERE known.id IS NULL OR known.content_key <> came.content_key
  ), fresh AS (
    SELECT *, CASE WHEN keeps_id THEN own_id ELSE replacement END AS id,
      CASE WHEN keeps_id THEN own_notes ELSE replaced_notes END AS notes
    FROM other
    WHERE keeps_id OR NOT EXISTS (SELECT FROM form_sync_job AS again WHERE again.id = replacement)
  ), placed AS (
    SELECT *, CASE WHEN hold IS NOT NULL THEN 'held'
        WHEN row_number() OVER (PARTITION BY person_key, hold IS NULL ORDER BY place) = 1 AND NOT EXISTS (
          SELECT FROM form_sync_job AS head
          WHERE head.account = $1 AND head.person_key = fresh.person_key AND head.state = 'ready')
        THEN 'ready' ELSE 'queued' END AS state
    FROM fresh
  ), added AS (
    INSERT INTO form_sync_job (id, account, form, person_key, visitor_key, state, turn, due_at, batch_key, lead, notes,
      accepted_at, settled_at, reason, content_key, source, rules)
    SELECT id, $1, form, person_key, visitor_key, state,
      CASE WHEN ${HAS_TURN_AT_ONCE} THEN ${turnOf('placed', 'place', `, ${HAS_TURN_AT_ONCE}`)} END,
      CASE WHEN hold IS NULL THEN $2::bigint END, batch_key,
      ${lead}, notes, accepted_at,
      CASE WHEN hold IS NOT NULL THEN $2::bigint END, ${hold}, content_key, source, rules
    FROM placed ORDER BY place RETURNING id, form, state
  ), counted AS (
    INSERT INTO form_sync_counter (account, form, slot, waiting, held, accepted_total, held_total, reused_total,
      refused_total)
    SELECT $1, form, ${SLOT}, count(*) FILTER (WHERE state <> 'held'), count(*) FILTER (WHERE state = 'held'),
      count(id), count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE id = ANY ($5::text[])), sum(dropped)
    FROM (
      SELECT id, form, state, 0 AS dropped FROM added
      UNION ALL SELECT NULL, form, NULL, 0 FROM came
      UNION ALL SELECT NULL, form, NULL, 1 FROM unnest($20::text[]) AS dropped (form)
    ) AS part GROUP BY form ORDER BY form ${ADD_UP}
  )
  SELECT id FROM added WHERE id = ANY ($5::text[])`

const ADD = insertion(`'{"id":' || to_json(id) || ',"notes":' || notes || ',' || substr(rest, 2)`, 'hold')

/** With data keys each lead comes sealed for both ids: the server cannot put it together. */
const ADD_SEALED = insertion(
  'CASE WHEN keeps_id THEN rest ELSE replaced_lead END',
  'CASE WHEN keeps_id OR own_hold IS NULL THEN hold ELSE replaced_hold END',
)
