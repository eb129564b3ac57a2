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
import type { AccountSql, SqlValue } from './database.ts'
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

/** Conditions for the selected jobs of a state after a place, and their values. */
export interface Selected {
  condition: string
  values: SqlValue[]
}

/**
 * Returns the conditions for the selected jobs of a state after a place. Where leads are encrypted, those with a domain are
 * found here, among those that the step examines.
 *
 * @param end the last job that the step examines; undefined when it examines all of the state
 */
export function selected(
  sql: AccountSql,
  place: Place,
  end: Pick<Place, 'at' | 'seq'> | undefined,
  selector: LeadSelector,
): Selected {
  const values = selectionValues(sql.account, place, end, selector)
  if (!sql.sealing) return { condition: conditionFor(place.state, `${DOMAIN} = ?10`), values }
  const condition = conditionFor(place.state, 'seq IN (SELECT value FROM json_each(?10))')
  const { domain } = selector
  if (domain === undefined) return { condition, values }
  const others = values.with(DOMAIN_PLACE, null)
  const rows = sql.run<Examined>(`SELECT seq, id, lead FROM job WHERE ${condition}`, ...others)
  const seqs = rows.filter((row) => domainOf(row) === domain).map(({ seq }) => seq)
  return { condition, values: values.with(DOMAIN_PLACE, JSON.stringify(seqs)) }
}

type Examined = Pick<JobRow, 'seq' | 'id' | 'lead' | 'reason'>

/** @param ofDomain condition that the tenth value selects a job by its domain */
function conditionFor(state: ListedState, ofDomain: string): string {
  const time = timeColumn(state)
  return `${inOrder(state)} AND ${time} <= ?6 AND (${time}, seq) <= (?6, ?7)
    AND (?8 IS NULL OR form = ?8) AND (?9 IS NULL OR source = ?9) AND (?10 IS NULL OR ${ofDomain})
    AND (?11 IS NULL OR instr(',' || rules || ',', ',' || ?11 || ',') > 0)
    AND (?12 IS NULL OR id = ?12)`
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
  const rows = countGroups(sql, by, selected(sql, place, end, selector))
  const next = placeAfter(place, end, selector)
  const groups = rows.map(({ value, leads }) => ({ value: groupValue(by, value), state, leads }))
  return { groups, ...(next !== undefined && { next }) }
}

type Group = { value: string | number | null; leads: number }

function countGroups(sql: AccountSql, by: GroupKey, { condition, values }: Selected): Group[] {
  if (sql.sealing && (by === 'domain' || by === 'reason')) {
    const rows = sql.run<Examined>(`SELECT seq, id, lead, reason FROM job WHERE ${condition}`, ...values)
    return countValues(rows.map((row) => (by === 'domain' ? domainOf(row) : row.reason)))
  }
  return sql.run<Group>(
    `SELECT ${GROUPS[by]} AS value, count(*) AS leads FROM job WHERE ${condition} GROUP BY 1`,
    ...values,
  )
}
