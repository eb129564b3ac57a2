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
import type { AccountSql } from './database.ts'
import { LISTED } from './newest-sent.ts'

/** The domain of the address, in lower case; null without an address. */
const DOMAIN = `CASE WHEN instr(lead ->> '$.email', '@') > 0
  THEN lower(substr(lead ->> '$.email', instr(lead ->> '$.email', '@') + 1)) END`

const GROUPS: Record<GroupKey, string> = {
  form: 'form',
  source: 'source',
  hour: `accepted_at / 3600000`,
  domain: DOMAIN,
  state: `iif(settled_at IS NULL, 'waiting', state)`,
  reason: 'reason',
  rule: 'rules',
}

/**
 * Condition for the jobs of a state after a place, by `startValues`. Each state has its index, which is searched between the
 * places alone: SQLite searches between one pair of values, and a plus sign keeps it from taking another one.
 */
function inOrder(state: ListedState): string {
  const ofState = state === 'waiting' ? 'settled_at IS NULL' : `state = '${state}' AND ${LISTED}`
  const time = timeColumn(state)
  return `account = ?1 AND ${ofState} AND ${time} >= ?2 AND (${time}, seq) > (?2, ?3)
    AND +accepted_at >= ?4 AND +accepted_at < ?5`
}

/** Condition for the selected jobs of a state after a place, by `selectionValues`. */
export function selected(state: ListedState): string {
  const time = timeColumn(state)
  return `${inOrder(state)} AND ${time} <= ?6 AND (${time}, seq) <= (?6, ?7)
    AND (?8 IS NULL OR form = ?8) AND (?9 IS NULL OR source = ?9) AND (?10 IS NULL OR ${DOMAIN} = ?10)
    AND (?11 IS NULL OR instr(',' || rules || ',', ',' || ?11 || ',') > 0)`
}

/** Returns the last job that a step examines; undefined when it examines all that are left of the state. */
export function endOf(sql: AccountSql, place: Place, selector: LeadSelector): { at: number; seq: number } | undefined {
  const time = timeColumn(place.state)
  const [end] = sql.run<{ at: number; seq: number }>(
    `SELECT ${time} AS at, seq FROM job WHERE ${inOrder(place.state)} ORDER BY ${time}, seq
     LIMIT 1 OFFSET ${EXAMINED_JOBS - 1}`,
    ...startValues(sql.account, place, selector),
  )
  return end
}

/** Counts selected leads in groups; see the port. */
export function survey(sql: AccountSql, selector: LeadSelector, by: GroupKey, after: string | undefined): SurveyPage {
  const place = readPlace(after, selector)
  if (!place) return { groups: [] }
  const { state } = place
  const end = endOf(sql, place, selector)
  const rows = sql.run<{ value: string | number | null; leads: number }>(
    `SELECT ${GROUPS[by]} AS value, count(*) AS leads FROM job WHERE ${selected(state)} GROUP BY 1`,
    ...selectionValues(sql.account, place, end, selector),
  )
  const next = placeAfter(place, end, selector)
  const groups = rows.map(({ value, leads }) => ({ value: groupValue(by, value), state, leads }))
  return { groups, ...(next !== undefined && { next }) }
}
