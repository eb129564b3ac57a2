/** Plans of runs in simulated time, the relay with a rule broken, and what a run says. */
import { cpSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../support/folder.ts'
import { BAD_LEAD_FAULTS } from './bad-leads.ts'
import { mutate } from './mutate.ts'
import type { Mutation } from './mutations.ts'
import { simulate, type PlannedLead, type SimulatedPlan } from './simulated-run.ts'
import type { Evidence } from './verdicts/evidence.ts'
import { runChecks } from './verdicts/index.ts'

/** The relay as it is. */
export const ROOT = join(import.meta.dirname, '../..')

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** Returns leads of people of their own, all at one time. */
export function leads(count: number, at = 0): PlannedLead[] {
  return Array.from({ length: count }, (_, number) => {
    const name = `p${at}-${number}`
    return { at, id: name, email: `${name}@chaos.example`, attributes: { LastName: name } }
  })
}

/** The bad lead comes first, and others come with it and later, while it is refused for three minutes. */
export function badLeadFirst(text: string): SimulatedPlan {
  const bad = { at: 0, id: 'bad', email: 'bad@chaos.example', attributes: { Company: `bad ../../etc/${text}` } }
  return {
    leads: [bad, ...leads(5), ...leads(5, MINUTE)],
    faults: BAD_LEAD_FAULTS,
    faultsEndAt: 3 * MINUTE,
    until: HOUR,
  }
}

/** Returns the folder of a copy of the relay in which the mutation is made. */
export function broken(mutation: Mutation): string {
  const copy = makeFolder()
  cpSync(join(ROOT, 'relay'), join(copy, 'relay'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  for (const [file, source] of mutate(ROOT, mutation)) writeFileSync(join(copy, file), source)
  return copy
}

/** Runs a plan with the relay in a folder. */
export function run(root: string, plan: SimulatedPlan): Promise<Evidence> {
  return simulate(root, makeFolder(), plan)
}

/** Returns the rules that are broken. */
export function brokenRules(evidence: Evidence): string[] {
  return runChecks(evidence)
    .filter(({ violations }) => violations.length > 0)
    .map(({ rule }) => rule)
}
