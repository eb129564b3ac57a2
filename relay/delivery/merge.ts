/** Several leads of one person that go as one. It decides nothing: the outbox says which may. */
import type { Lead } from '../intake/lead.ts'

/** One lead with the answers of all, oldest first: a later answer takes the place of an earlier one. */
export function merge(leads: readonly [Lead, ...Lead[]]): Lead {
  const [first, ...later] = leads
  if (later.length === 0) return first
  const values = new Map(leads.flatMap(({ attributes }) => attributes.map(({ name, value }) => [name, value])))
  return {
    ...(later.at(-1) ?? first),
    attributes: [...values].map(([name, value]) => ({ name, value })),
    notes: [...new Set(leads.flatMap(({ notes }) => notes))],
  }
}
