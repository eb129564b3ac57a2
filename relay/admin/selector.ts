/**
 * Reads and writes the conditions by which an operator selects leads: the members of a request and the options of a
 * command have the same names and rules.
 */
import { iso } from '../monitoring/events.ts'
import type { ListedState } from '../outbox/outbox.ts'
import type { LeadSelector } from '../outbox/selection.ts'

/** Names of the conditions. */
export const SELECTOR_FIELDS = ['state', 'id', 'form', 'rule', 'source', 'from', 'until', 'domain'] as const

export type SelectorField = (typeof SELECTOR_FIELDS)[number]

/** The conditions as texts. Times are ISO 8601, in UTC. */
export type SelectorTexts = Partial<Record<SelectorField, string>>

/** States of leads that are not delivered. */
export const STATES: readonly ListedState[] = ['waiting', 'held', 'parked']

/** Maximum length of a text, in characters. */
const MAX_LENGTH = 255

/**
 * Reads a selector.
 *
 * @param addIssue called with each condition that is not valid and with the rule; the selector is complete only without it
 */
export function readSelector(
  fields: Record<string, unknown>,
  addIssue: (field: SelectorField, rule: string) => void,
): LeadSelector {
  const text = (field: SelectorField): string | undefined => {
    const value = fields[field]
    if (value === undefined || (typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH)) return value
    addIssue(field, `must be text of 1 to ${MAX_LENGTH} characters`)
    return undefined
  }
  const [state, id, form, rule] = [text('state'), text('id'), text('form'), text('rule')]
  const [source, domain] = [text('source'), text('domain')]
  if (state !== undefined && !isState(state)) addIssue('state', `must be one of ${STATES.join(', ')}`)
  if (domain?.includes('@')) addIssue('domain', 'must be what follows the @ of an address, such as example.com')
  const times = (['from', 'until'] as const).map((field) => {
    const value = text(field)
    const time = value === undefined ? undefined : readTime(value)
    if (value !== undefined && time === undefined)
      addIssue(field, 'must be a time in UTC such as 2026-11-23 or 2026-11-23T09:30')
    return time
  })
  const [acceptedFrom, acceptedUntil] = times
  return {
    ...(state !== undefined && isState(state) && { state }),
    ...(id !== undefined && { id }),
    ...(form !== undefined && { form }),
    ...(rule !== undefined && { rule }),
    ...(source !== undefined && { source }),
    ...(acceptedFrom !== undefined && { acceptedFrom }),
    ...(acceptedUntil !== undefined && { acceptedUntil }),
    // The stored domains are folded in the same way.
    ...(domain !== undefined && { domain: domain.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) }),
  }
}

/** Returns whether a text is one of `STATES`. */
export function isState(text: string): text is ListedState {
  return STATES.some((state) => state === text)
}

/** Reads a day, or a time of it, in UTC. Undefined when it is none. */
function readTime(text: string): number | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)Z?)?$/.exec(text) ?? []
  const read = day === undefined ? NaN : Date.parse(`${day}T${time ?? '00:00'}Z`)
  return Number.isNaN(read) ? undefined : read
}

/** Returns the conditions of a selector as texts. */
export function textsOf({ acceptedFrom, acceptedUntil, ...rest }: LeadSelector): SelectorTexts {
  return {
    ...rest,
    ...(acceptedFrom !== undefined && { from: iso(acceptedFrom) }),
    ...(acceptedUntil !== undefined && { until: iso(acceptedUntil) }),
  }
}
