/** Lists the guards that the forms need. */
import type { Form } from '../config/forms.ts'
import { settingOf } from '../config/rules.ts'
import { CONTENT_GUARDS } from './content.ts'
import type { Guard } from './guard.ts'
import { honeypot } from './honeypot.ts'
import { createDisposable, freeMail, type LoadDomains } from './mail-domains.ts'
import { createManyOfAddress } from './many-of-address.ts'
import { createRepeats } from './repeats.ts'
import { createSameText } from './same-text.ts'
import { createTestGuards } from './test-rules.ts'

export interface GuardsOptions {
  forms: ReadonlyMap<string, Form>
  /** Adds the addresses that make each rule fire. */
  testRules: boolean
  /** Random number for digests in memory. */
  seed: number
  /** Without it the rule `disposable` meets nothing. */
  loadDisposable?: LoadDomains
  /** Those of tickets and challenges, if a form has any. */
  robots?: readonly Guard[] | undefined
}

/** Creates the guards of the rules that are on for a form at least. */
export function createGuards(options: GuardsOptions): Guard[] {
  const { forms, testRules, seed, loadDisposable, robots = [] } = options
  const isRepeat = createRepeats(seed)
  const guards = [
    honeypot,
    ...robots,
    ...CONTENT_GUARDS,
    createSameText(seed, isRepeat),
    freeMail,
    ...(loadDisposable ? [createDisposable(loadDisposable)] : []),
    createManyOfAddress(seed, isRepeat),
    ...(testRules ? createTestGuards() : []),
  ]
  return guards.filter(({ rule }) => [...forms.values()].some((form) => settingOf(form, rule) !== 'off'))
}
