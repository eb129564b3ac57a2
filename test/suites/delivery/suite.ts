/**
 * The faults that delivery must not have, each by name. They need the dispatcher, the retry policy and an outbox together,
 * and a Marketo that loses answers or is slow; time is simulated.
 */
import { describe } from 'vitest'
import type { BatchKeys } from '../../../relay/outbox/batch-planner.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { lostAnswer } from './lost-answer.ts'
import { newestAnswer } from './newest-answer.ts'
import { owedCookies } from './owed-cookies.ts'
import { poison } from './poison.ts'
import { slowSpell } from './slow-spell.ts'
import { twoForms } from './two-forms.ts'

/** Opens an empty outbox with these limits, and with the batch keys of SOAP unless others are given. It may use `onTestFinished` to close it. */
export type OpenEmpty = (limits: Limits, batchKeys?: BatchKeys) => Outbox | Promise<Outbox>

/**
 * Runs the tests on one implementation of the outbox.
 *
 * @param long whether to simulate a whole night as well
 */
export function deliverySuite(name: string, open: OpenEmpty, long = false): void {
  describe(`delivery: ${name}`, () => {
    twoForms(open)
    lostAnswer(open)
    slowSpell(open)
    poison(open, long)
    newestAnswer(open)
    owedCookies(open)
  })
}
