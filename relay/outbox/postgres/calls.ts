/** The table `form_sync_call`: the calls under way, of all nodes, each until it is settled or over. */
import { availableCalls, nextCallAt, budgetAfterStart } from '../limits/call-budget.ts'
import type { Limits } from '../limits/limits.ts'
import type { CallSlot } from '../outbox.ts'
import type { Row, Transaction } from './database.ts'
import { holdDesk, leaveDesk } from './control-row.ts'

interface UnderWay extends Row {
  out: number
  over: number | null
}

/** How many are under way, and when the first of them is over. */
export async function underWay(sql: Transaction, now: number): Promise<{ out: number; over: number | undefined }> {
  const [row] = await sql.run<UnderWay>(
    'SELECT count(*) AS out, min(until) AS over FROM form_sync_call WHERE until > $1',
    now,
  )
  return { out: row?.out ?? 0, over: row?.over ?? undefined }
}

/** Forgets the calls that are over: they count no more, whatever the clock says later. */
export function forgetCalls(sql: Transaction, now: number): void {
  sql.send('DELETE FROM form_sync_call WHERE until <= $1', now)
}

export function endCall(sql: Transaction, call: number): void {
  sql.send('DELETE FROM form_sync_call WHERE id = $1', call)
}

/** A call for something else than a waiting lead. */
export async function permit(sql: Transaction, limits: Limits, now: number, until: number): Promise<CallSlot> {
  const [desk, underway] = await Promise.all([holdDesk(sql), underWay(sql, now)])
  const { allowance, halt } = desk
  if (availableCalls(allowance, limits, underway.out, now) < 1)
    return { at: nextCallAt(allowance, limits, underway, now) }
  leaveDesk(sql, { allowance: budgetAfterStart(allowance, limits, 1, now), halt })
  forgetCalls(sql, now)
  const [begun] = await sql.run<{ id: number }>('INSERT INTO form_sync_call (until) VALUES ($1) RETURNING id', until)
  return { call: begun!.id }
}
