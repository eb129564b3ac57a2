/** Lists the guards that the forms need. */
import type { Form } from '../config/forms.ts'
import { settingOf } from '../config/rules.ts'
import type { Guard } from './guard.ts'
import { honeypot } from './honeypot.ts'
import { createTestGuards } from './test-rules.ts'

export interface GuardsOptions {
  forms: ReadonlyMap<string, Form>
  /** Adds the addresses that make each rule fire. */
  testRules: boolean
  /** Those of tickets and challenges, if a form has any. */
  robots?: readonly Guard[] | undefined
}

/** Creates the guards of the rules that are on for a form at least. */
export function createGuards({ forms, testRules, robots = [] }: GuardsOptions): Guard[] {
  const guards = [honeypot, ...robots, ...(testRules ? createTestGuards() : [])]
  return guards.filter(({ rule }) => [...forms.values()].some((form) => settingOf(form, rule) !== 'off'))
}
