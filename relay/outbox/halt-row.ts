/** The halt as a row: the table `halt` has none or one. What the values mean stands in `halt.ts`. */
import type { Row, Sql } from './database.ts'
import type { Halt } from './halt.ts'

interface HaltRow extends Row {
  until: number
  reason: string
  blocked: number
  passed: number
  probe: string | null
  probe_until: number | null
}

/** The halt that stands, if one does. */
export function readHalt(sql: Sql): Halt | undefined {
  const [row] = sql.run<HaltRow>('SELECT until, reason, blocked, passed, probe, probe_until FROM halt WHERE only = 1')
  if (!row) return undefined
  const { until, reason, blocked, passed, probe, probe_until: probeUntil } = row
  return {
    until,
    reason,
    blocked: blocked === 1,
    passed,
    probe: probe !== null && probeUntil !== null ? { id: probe, until: probeUntil } : undefined,
  }
}

/** Puts a halt in the place of whatever stood; undefined ends it. */
export function writeHalt(sql: Sql, halt: Halt | undefined): void {
  if (!halt) {
    sql.run('DELETE FROM halt WHERE only = 1')
    return
  }
  sql.run(
    `INSERT OR REPLACE INTO halt (only, until, reason, blocked, passed, probe, probe_until)
     VALUES (1, ?, ?, ?, ?, ?, ?)`,
    halt.until,
    halt.reason,
    halt.blocked ? 1 : 0,
    halt.passed,
    halt.probe?.id ?? null,
    halt.probe?.until ?? null,
  )
}
