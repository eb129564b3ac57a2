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
import { ownLead } from './own-lead.ts'
import { poison } from './poison.ts'
import { slowSpell } from './slow-spell.ts'
import { twoForms } from './two-forms.ts'

/** Opens an empty outbox with these limits, and with the batch keys of SOAP unless others are given. It may use `onTestFinished` to close it. */
export type OpenEmpty = (limits: Limits, batchKeys?: BatchKeys) => Outbox | Promise<Outbox>

/**
 * Runs the tests on one implementation of the outbox.
 *
 * @param isWhole true for every case of each test, and for whole nights; false for one or two cases of each. The cases
 *   differ in what the retry policy and the state machine decide, which is the same for every outbox.
 */
export function deliverySuite(name: string, open: OpenEmpty, isWhole = false): void {
  describe(`delivery: ${name}`, () => {
    twoForms(open)
    lostAnswer(open, isWhole)
    slowSpell(open, isWhole)
    poison(open, isWhole)
    newestAnswer(open)
    owedCookies(open, isWhole)
    ownLead(open)
  })
}
