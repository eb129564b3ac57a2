/**
 * The desk: one row with what is left of the limits and the halt that stands.
 *
 * Whoever hands out, settles or replays holds it until his transaction ends, so that all nodes together keep the limits
 * and no two of them change at once what is out. It is always taken first. An addition never takes it.
 */
import { FULL_BUDGET, type CallBudget } from '../limits/call-budget.ts'
import type { Breaker } from '../circuit-breaker.ts'
import type { Row, Transaction } from './database.ts'

export interface Desk {
  allowance: CallBudget
  halt: Breaker | undefined
}

/** Both are JSON; null is nothing used, and no halt. */
export interface DeskRow extends Row {
  allowance: string | null
  halt: string | null
}

export async function holdDesk(sql: Transaction): Promise<Desk> {
  return deskOf(await sql.run<DeskRow>('SELECT allowance, halt FROM form_sync_desk FOR UPDATE'))
}

/** Writes down what stands from now on. */
export function leaveDesk(sql: Transaction, { allowance, halt }: Desk): void {
  const kept = halt ? JSON.stringify(halt) : null
  sql.send('UPDATE form_sync_desk SET allowance = $1, halt = $2', JSON.stringify(allowance), kept)
}

/** What the table's one row says. */
export function deskOf([row]: DeskRow[]): Desk {
  if (!row) throw new Error('the table form_sync_desk has lost its row')
  return {
    allowance: row.allowance === null ? FULL_BUDGET : (JSON.parse(row.allowance) as CallBudget),
    halt: row.halt === null ? undefined : (JSON.parse(row.halt) as Breaker),
  }
}
