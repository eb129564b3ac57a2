/** The jobs that a selector matches, in the order in which they are surveyed and discarded; see `../selection.ts`. */
import {
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
import type { AccountReader } from './database.ts'

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

/** Condition for the selected jobs of a state after a place, by `selectionValues`. */
export function selected(state: ListedState): string {
  const time = timeColumn(state)
  return `${inOrder(state)} AND ${time} <= $6 AND (${time}, seq) <= ($6, $7)
    AND ($8::text IS NULL OR form = $8) AND ($9::text IS NULL OR source = $9)
    AND ($10::text IS NULL OR ${DOMAIN} = $10)
    AND ($11::text IS NULL OR strpos(',' || rules || ',', ',' || $11 || ',') > 0)`
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
  const rows = await sql.run<{ value: string | number | null; leads: number }>(
    `SELECT ${GROUPS[by]} AS value, count(*) AS leads FROM form_sync_job WHERE ${selected(state)} GROUP BY 1`,
    ...selectionValues(sql.account, place, end, selector),
  )
  const next = placeAfter(place, end, selector)
  const groups = rows.map(({ value, leads }) => ({ value: groupValue(by, value), state, leads }))
  return { groups, ...(next !== undefined && { next }) }
}
