/** A lead as a record of Sync Leads: its names and values, and which of them a message is about. Pure. */
import type { Attribute, Lead } from '../../intake/lead.ts'
import { isCompanyField, toRestName } from '../names.ts'

/** Field by which Marketo finds a person, unless the form names another one. */
const EMAIL = 'email'

/** Maximum number of records in a call, and maximum size of its body in bytes. */
export const MAX_RECORDS = 300
const MAX_BODY_BYTES = 1_048_576

/** Returns the REST name of the field by which the person is found, in the spelling of the form. */
export function lookupOf({ lookup = EMAIL }: Pick<Lead, 'lookup'>): string {
  return toRestName(lookup)
}

/** Writes the body of a call; undefined if it is too large. All leads have the partition and the lookup of the first. */
export function writeBody(leads: readonly [Lead, ...Lead[]]): string | undefined {
  const [{ partition }] = leads
  const body = JSON.stringify({
    action: 'createOrUpdate',
    lookupField: lookupOf(leads[0]),
    ...(partition !== undefined && { partitionName: partition }),
    input: leads.map(recordOf),
  })
  const isSmall = body.length <= MAX_BODY_BYTES / 3 || new TextEncoder().encode(body).byteLength <= MAX_BODY_BYTES
  return isSmall && leads.length <= MAX_RECORDS ? body : undefined
}

/** Writes the body of a call that updates the person with an id. */
export function writeUpdate(lead: Lead, id: number): string {
  return JSON.stringify({ action: 'updateOnly', lookupField: 'id', input: [{ ...recordOf(lead), id }] })
}

/** Returns the lead's own address last, so that no attribute replaces it. */
export function recordOf({ email, attributes }: Lead): Readonly<Record<string, unknown>> {
  return Object.fromEntries([
    ...attributes.map((attribute) => [toRestName(attribute.name), valueOf(attribute)] as const),
    [EMAIL, email.toWellFormed()] as const,
  ])
}

/** Returns the JSON value of an attribute. An empty one clears the field. */
export function valueOf({ value, type }: Attribute): string | boolean | null {
  if (value === '') return null
  if (type === 'boolean' && (value === '1' || value === '0')) return value === '1'
  return value.toWellFormed()
}

/**
 * Returns the lead's attributes that a message is about, spelled as in the lead: those that it names in quotes, else those
 * whose value it quotes, else those that it names as words. A word that happens to be a name costs one more attempt, and no
 * value is lost.
 */
export function attributesIn(message: string, { attributes }: Lead): string[] {
  const quoted = new Set(message.match(/'[^']*'|"[^"]*"/g)?.map((text) => text.slice(1, -1).toLowerCase()))
  const words = new Set(message.toLowerCase().match(/[\p{L}\p{N}_]+/gu))
  const isIn = (names: ReadonlySet<string>, { name }: Attribute) =>
    names.has(name.toLowerCase()) || names.has(toRestName(name).toLowerCase())
  const isQuoted = (attribute: Attribute) => {
    const value = String(valueOf(attribute))
    return message.includes(`'${value}'`) || message.includes(`"${value}"`)
  }
  const readings = [(each: Attribute) => isIn(quoted, each), isQuoted, (each: Attribute) => isIn(words, each)]
  const found = readings.map((reading) => attributes.filter(reading)).find(({ length }) => length > 0) ?? []
  return found.map(({ name }) => name)
}

/** Returns the lead's attributes that belong to the person's company. */
export function companyAttributes({ attributes }: Lead): string[] {
  return attributes.map(({ name }) => name).filter(isCompanyField)
}
