/** The options by which a command selects undelivered leads. */
import { readSelector, SELECTOR_FIELDS, type SelectorTexts } from '../admin/selector.ts'
import type { LeadSelector } from '../outbox/selection.ts'

/** Options for `parseOptions`. */
export const SELECTOR_OPTIONS = {
  state: { type: 'string' },
  id: { type: 'string' },
  form: { type: 'string' },
  rule: { type: 'string' },
  source: { type: 'string' },
  from: { type: 'string' },
  until: { type: 'string' },
  domain: { type: 'string' },
} as const

export const SELECTOR_HELP = `Selection; a lead must meet all of these:
  --state <state>       It is waiting, held or parked
  --id <id>             It has this id
  --form <name>         It is of this form
  --rule <name>         This rule has fired for it, such as links
  --source <digest>     It is of this source, as "waiting --by source" prints it
  --from <time>         It was accepted at this time or later, such as
                        2026-11-23 or 2026-11-23T09:30, in UTC
  --until <time>        It was accepted before this time
  --domain <name>       Its address is of this domain`

/** @throws {Error} with all options that are not valid */
export function selectorOf(options: Record<string, unknown>): LeadSelector {
  const problems: string[] = []
  const selector = readSelector(options, (field, rule) => problems.push(`--${field} ${rule}`))
  if (problems.length > 0) throw new Error(problems.join('; '))
  return selector
}

/** Returns the options of a selection as they are typed. */
export function typedOptions(texts: SelectorTexts): string {
  const quoted = (text: string) => (/^[\w.:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
  return SELECTOR_FIELDS.flatMap((field) => {
    const text = texts[field]
    return text === undefined ? [] : [`--${field} ${quoted(text)}`]
  }).join(' ')
}
