/**
 * Leads that fail by themselves for a while: a gateway before Marketo, or Marketo, refuses every call that holds their
 * text. All other leads are good.
 */
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { Content } from './plan.ts'

/** The text of each kind of bad lead, and the fault of a call with it. */
const FAULT_BY_TEXT = {
  '../../etc/401': 'html401',
  '../../etc/403': 'html403',
  '../../etc/404': 'html404',
  '../../etc/302': 'redirect',
  '../../etc/503': 'html503',
  '../../etc/reset': 'reset',
  '../../etc/10001': '10001',
} as const satisfies Record<string, AskedFault['fault']>

export const BAD_TEXTS = Object.keys(FAULT_BY_TEXT)

/** The faults of all kinds of bad leads. They come before other faults of a call. */
export const BAD_LEAD_FAULTS: readonly AskedFault[] = Object.entries(FAULT_BY_TEXT).map(([text, fault]) => ({
  fault,
  text,
  rate: 1,
}))

/** Domain of mistyped addresses. */
export const MISTYPED_DOMAIN = 'chaos.exmaple'

/** Makes mistyped leads fail often, so that the corrected ones overtake them. */
export const MISTYPED_FAULT: AskedFault = { fault: 'failed', text: MISTYPED_DOMAIN, rate: 0.5 }

/** Returns the name of the fault that calls with the content get while bad leads fail; undefined for a good lead. */
export function badFaultOf({ attributes }: Pick<Content, 'attributes'>): string | undefined {
  const values = Object.values(attributes)
  return Object.entries(FAULT_BY_TEXT).find(([text]) => values.some((value) => value.endsWith(text)))?.[1]
}
