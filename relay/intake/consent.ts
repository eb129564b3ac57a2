/**
 * Reads what a page says of its visitor's decision about tracking: `_consent`, and the fields beside it. Anything can stand
 * there: a part that is not usable is left out with a note, and no fault costs the lead. Pure.
 */
import { CONSENT_PARTS, MAX_CONSENT_LENGTH, type ConsentPart } from './consent-parts.ts'
import { sanitize } from './sanitize.ts'

/** Values of `_consent` that are a decision; the first of each is how it is written. Check boxes have values of their own. */
const DECISIONS = ['granted true yes on 1', 'denied false no off 0', 'not-required', 'unknown'].map((values) =>
  values.split(' '),
)

type Extras = ReadonlyMap<string, string>

/** Returns whether the visitor lets the page recognise them: they have agreed, or need not be asked where they are. */
export function isConsented(extras: Extras): boolean {
  return ['granted', 'not-required'].includes(readPart('decision', textOf(extras, '')))
}

/**
 * Returns the parts of the decision that were posted; none where the page has no decision.
 *
 * @param now time of the request, in epoch ms. A clock that is ahead cannot date a decision after it
 */
export function readConsent(extras: Extras, now: number, notes: string[]): Partial<Record<ConsentPart, string>> {
  const parts: Partial<Record<ConsentPart, string>> = {}
  for (const part of CONSENT_PARTS) {
    const posted = textOf(extras, part === 'decision' ? '' : `_${part}`)
    const value = readPart(part, posted, now)
    if (posted && !value) notes.push(`consent ${part} left out: not usable`)
    parts[part] = value
  }
  return parts.decision && parts.decision !== 'unknown' ? parts : {}
}

function textOf(extras: Extras, name: string): string {
  return sanitize(extras.get(`_consent${name}`) ?? '', false).trim()
}

/** Returns the part in its one spelling, or '' if it is not usable. */
function readPart(part: ConsentPart, posted: string, now = 0): string {
  if (part === 'decision') return DECISIONS.find((values) => values.includes(posted.toLowerCase()))?.[0] ?? ''
  if (part !== 'time') return posted.length > MAX_CONSENT_LENGTH[part] ? '' : posted
  const time = /^2\d{3}-\d\d-\d\dT[\d:.]+Z$/.test(posted) ? Date.parse(posted) : Number.NaN
  return Number.isNaN(time) ? '' : new Date(Math.min(time, now)).toISOString().replace(/\.\d+/, '')
}
