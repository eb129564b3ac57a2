/** What delivery promises as a whole: the dispatcher, the retry policy and any outbox, with a simulated Marketo. */
import { describe } from 'vitest'
import type { OpenOutbox } from '../outbox/suite.ts'
import { slowSpell } from './slow-spell.ts'

export function deliverySuite(name: string, openOutbox: OpenOutbox): void {
  describe(`delivery: ${name}`, () => {
    slowSpell(openOutbox)
  })
}
