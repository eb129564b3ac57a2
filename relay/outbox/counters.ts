/** Counters by form: jobs in each state now, and leads by outcome ever. Pure; a store adds the changes up. */
import type { Lead } from '../intake/lead.ts'
import { holdOf } from './held-forms.ts'
import type { JobRow } from './job-row.ts'

/** The columns of the counter table: numbers of jobs now, and totals. */
export const COUNTERS = [
  ...(['waiting', 'held', 'parked'] as const),
  ...(['accepted_total', 'held_total', 'parked_total', 'delivered_total', 'reused_total'] as const),
  // Posts that a rule has dropped: they are no leads.
  'refused_total' as const,
  // Parked and held leads that were discarded because of their age.
  'expired_total' as const,
  // Cookies that are owed now, and what became of others.
  ...(['owed', 'associated_total', 'given_up_total'] as const),
]

type CounterName = (typeof COUNTERS)[number]

/** The changes of one form. */
export interface CounterChange {
  form: string
  add: Readonly<Partial<Record<CounterName, number>>>
}

/**
 * Returns what these leads add, which were not stored before.
 *
 * @param reused those of them whose id was used before
 * @param reasons the reasons of forms whose leads are held
 */
export function countAdditions(
  leads: readonly Pick<Lead, 'form' | 'hold'>[],
  reused: readonly Pick<Lead, 'form'>[],
  reasons: ReadonlyMap<string, string> = new Map(),
): CounterChange[] {
  return [...Map.groupBy(leads, ({ form }) => form)].map(([form, own]) => {
    const held = own.filter((lead) => holdOf(lead, reasons) !== undefined).length
    const added = { waiting: own.length - held, held, accepted_total: own.length, held_total: held }
    return { form, add: { ...added, reused_total: reused.filter((lead) => lead.form === form).length } }
  })
}

/** Returns what the leads that a rule drops add. */
export function countDropped(leads: readonly Pick<Lead, 'form' | 'drop'>[]): CounterChange[] {
  const dropped = Map.groupBy(
    leads.filter(({ drop }) => drop),
    ({ form }) => form,
  )
  return Array.from(dropped, ([form, own]) => ({ form, add: { refused_total: own.length } }))
}

/** Returns what changed between two versions of the same rows. */
export function countChanges(before: readonly JobRow[], after: readonly JobRow[]): CounterChange[] {
  const states = new Map(before.map(({ seq, state }) => [seq, stateOf(state)]))
  const byForm = new Map<string, Map<CounterName, number>>()
  for (const { seq, form, state } of after) {
    const [from, to] = [states.get(seq), stateOf(state)]
    if (from === to || from === undefined) continue
    const add = byForm.get(form) ?? new Map<CounterName, number>()
    byForm.set(form, add)
    const count = (name: CounterName, by: number) => add.set(name, (add.get(name) ?? 0) + by)
    if (from !== 'delivered') count(from, -1)
    if (to === 'delivered') count('delivered_total', 1)
    else count(to, 1)
    if (to === 'parked') count('parked_total', 1)
  }
  return [...byForm].map(([form, add]) => ({ form, add: Object.fromEntries(add) }))
}

function stateOf(state: JobRow['state']): 'waiting' | 'held' | 'parked' | 'delivered' {
  return state === 'ready' || state === 'queued' ? 'waiting' : state
}
