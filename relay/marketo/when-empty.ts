/**
 * Attributes that a form sends only where Marketo has no value: which a lead has, the lead without those that Marketo knows,
 * and the verdict where that could not be read. Pure; the transports read the people.
 */
import type { DeliveryContext, Verdict } from '../delivery/transport.ts'
import type { Lead } from '../intake/lead.ts'
import { toSoapName } from './names.ts'

/** The context of an attempt that may make no further call. */
export const NO_STEPS: DeliveryContext = { unanswered: 0, step: async () => undefined }

/** What a call should have told before the leads are sent. */
export const NOT_READ = 'which values Marketo has'

/** The values that Marketo has of a person, by the name of the field in either API. */
export type KnownValues = Iterable<readonly [name: string, value: unknown]>

/** Returns the names of the lead's attributes that are sent only where Marketo has no value. */
export function whenEmptyIn({ attributes, whenEmpty = [] }: Pick<Lead, 'attributes' | 'whenEmpty'>): string[] {
  const names = new Set(whenEmpty.map(fold))
  return attributes.map(({ name }) => name).filter((name) => names.has(fold(name)))
}

/**
 * Returns the lead without the attributes that Marketo has a value of, and their names. Of several people with the key of the
 * lead, a value of any counts.
 *
 * @param people those who have the key of the lead; undefined where nothing can be known of them, so that none is overwritten
 */
export function leaveOutKnown<L extends Pick<Lead, 'attributes' | 'whenEmpty'>>(
  lead: L,
  people: readonly KnownValues[] | undefined,
): { lead: L; leftOut: string[] } {
  const known = new Set<string>()
  for (const person of people ?? []) for (const [name, value] of person) if (isValue(value)) known.add(fold(name))
  const leftOut = whenEmptyIn(lead).filter((name) => people === undefined || known.has(fold(name)))
  if (leftOut.length === 0) return { lead, leftOut }
  return { lead: { ...lead, attributes: lead.attributes.filter(({ name }) => !leftOut.includes(name)) }, leftOut }
}

/** Returns the verdict with a note that names the attributes that were left out, where the lead is delivered. */
export function withLeftOut(verdict: Verdict, leftOut: readonly string[]): Verdict {
  if (verdict.kind !== 'delivered' || leftOut.length === 0) return verdict
  return { ...verdict, note: `left out, because Marketo has a value: ${leftOut.join(', ')}` }
}

/**
 * Returns the verdict on a lead that was not sent, because what Marketo knows was not read.
 *
 * @param verdict on the call that read, as if it had sent the lead; undefined where the limits left no call
 */
export function notReadVerdict(verdict: Verdict | undefined, { marketoForm }: Pick<Lead, 'marketoForm'>): Verdict {
  const what = `it is not known ${NOT_READ}`
  if (verdict === undefined) {
    return { kind: 'failed', fault: 'lead', arrived: 'no', reason: `${what}: the limits leave no call now` }
  }
  if (!('reason' in verdict)) return verdict
  const reason = `${what}: ${verdict.reason}`
  // No form was filled out, whatever became of a call that only reads.
  const isSafe = verdict.kind === 'failed' && verdict.arrived === 'maybe' && marketoForm !== undefined
  return isSafe ? { ...verdict, arrived: 'yes', reason } : { ...verdict, reason }
}

function isValue(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== ''
  return value !== null && value !== undefined
}

/** Returns the form in which names are compared: of one API, and without case. */
function fold(name: string): string {
  return toSoapName(name).toLowerCase()
}
