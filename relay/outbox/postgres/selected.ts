/** The jobs that a selector matches, in the order in which they are surveyed and discarded; see `../selection.ts`. */
import type { JobRow } from '../job-row.ts'
import {
  countValues,
  DOMAIN_PLACE,
  domainOf,
  EXAMINED_JOBS,
  groupValue,
  placeAfter,
  readPlace,
  selectionValues,
  startValues,
  timeColumn,
  type GroupKey,
  type LeadSelector,
  type Place,
  type SurveyPage,
} from '../selection.ts'
import type { ListedState } from '../outbox.ts'
import type { AccountReader, Value } from './database.ts'

/**
 * The domain of the address, in lower case; null without an address. Not read as JSON: the server's functions fail where a
 * text holds NUL.
 */
const DOMAIN = `lower(substring(lead FROM '"email":"[^"@\\\\]*@([^"]*)"') COLLATE "C")`

const GROUPS: Record<GroupKey, string> = {
  form: 'form',
  source: 'source',
  hour: `accepted_at / 3600000`,
  domain: DOMAIN,
  state: `CASE WHEN settled_at IS NULL THEN 'waiting' ELSE state END`,
  reason: 'reason',
  rule: 'rules',
}

/** Condition for the jobs of a state after a place, by `startValues`. Each state has its index. */
function inOrder(state: ListedState): string {
  const ofState = state === 'waiting' ? 'settled_at IS NULL' : `state = '${state}' AND state IN ('held', 'parked')`
  const time = timeColumn(state)
  return `account = $1 AND ${ofState} AND ${time} >= $2 AND (${time}, seq) > ($2, $3)
    AND accepted_at >= $4 AND accepted_at < $5`
}

/** Conditions for the selected jobs of a state after a place, and their values. */
export interface Selected {
  condition: string
  values: Value[]
}

/**
 * Returns the conditions for the selected jobs of a state after a place. Where leads are encrypted, those with a domain are
 * found here, among those that the step examines.
 *
 * @param end the last job that the step examines; undefined when it examines all of the state
 */
export async function selected(
  sql: AccountReader,
  place: Place,
  end: Pick<Place, 'at' | 'seq'> | undefined,
  selector: LeadSelector,
): Promise<Selected> {
  const values = selectionValues(sql.account, place, end, selector)
  if (!sql.sealing) return { condition: conditionFor(place.state, `${DOMAIN} = $10`), values }
  const condition = conditionFor(place.state, 'seq = ANY ($10::text::bigint[])')
  const { domain } = selector
  if (domain === undefined) return { condition, values }
  const others = values.with(DOMAIN_PLACE, null)
  const rows = await sql.run<Examined>(`SELECT seq, id, lead FROM form_sync_job WHERE ${condition}`, ...others)
  const seqs = rows.filter((row) => domainOf(row) === domain).map(({ seq }) => seq)
  return { condition, values: values.with(DOMAIN_PLACE, `{${seqs.join(',')}}`) }
}

type Examined = Pick<JobRow, 'seq' | 'id' | 'lead' | 'reason'>

/** @param ofDomain condition that the tenth value selects a job by its domain */
function conditionFor(state: ListedState, ofDomain: string): string {
  const time = timeColumn(state)
  return `${inOrder(state)} AND ${time} <= $6 AND (${time}, seq) <= ($6, $7)
    AND ($8::text IS NULL OR form = $8) AND ($9::text IS NULL OR source = $9)
    AND ($10::text IS NULL OR ${ofDomain})
    AND ($11::text IS NULL OR strpos(',' || rules || ',', ',' || $11 || ',') > 0)
    AND ($12::text IS NULL OR id = $12)`
}

/** Returns the last job that a step examines; undefined when it examines all that are left of the state. */
export async function endOf(
  sql: AccountReader,
  place: Place,
  selector: LeadSelector,
): Promise<{ at: number; seq: number } | undefined> {
  const time = timeColumn(place.state)
  const [end] = await sql.run<{ at: number; seq: number }>(
    `SELECT ${time} AS at, seq FROM form_sync_job WHERE ${inOrder(place.state)} ORDER BY ${time}, seq
     LIMIT 1 OFFSET ${EXAMINED_JOBS - 1}`,
    ...startValues(sql.account, place, selector),
  )
  return end
}

/** Counts selected leads in groups; see the port. */
export async function survey(
  sql: AccountReader,
  selector: LeadSelector,
  by: GroupKey,
  after: string | undefined,
): Promise<SurveyPage> {
  const place = readPlace(after, selector)
  if (!place) return { groups: [] }
  const { state } = place
  const end = await endOf(sql, place, selector)
  const rows = await countGroups(sql, by, await selected(sql, place, end, selector))
  const next = placeAfter(place, end, selector)
  const groups = rows.map(({ value, leads }) => ({ value: groupValue(by, value), state, leads }))
  return { groups, ...(next !== undefined && { next }) }
}

type Group = { value: string | number | null; leads: number }

async function countGroups(sql: AccountReader, by: GroupKey, { condition, values }: Selected): Promise<Group[]> {
  if (sql.sealing && (by === 'domain' || by === 'reason')) {
    const statement = `SELECT seq, id, lead, reason FROM form_sync_job WHERE ${condition}`
    const rows = await sql.run<Examined>(statement, ...values)
    return countValues(rows.map((row) => (by === 'domain' ? domainOf(row) : row.reason)))
  }
  return sql.run<Group>(
    `SELECT ${GROUPS[by]} AS value, count(*) AS leads FROM form_sync_job WHERE ${condition} GROUP BY 1`,
    ...values,
  )
}
