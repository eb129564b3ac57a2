/** Addresses that make a rule fire, for tests of a page and of an operator's work. They count in test mode alone. */
import { RULE_NAMES } from '../config/rules.ts'
import type { Guard } from './guard.ts'

/** Creates a guard of each rule, which fires for the address `rule+<rule>@example.com`. */
export function createTestGuards(): Guard[] {
  return RULE_NAMES.map((rule) => ({
    rule,
    examine: ({ lead }) =>
      lead.email.toLowerCase() === `rule+${rule}@example.com` ? { reason: 'asked for by its address' } : undefined,
  }))
}
