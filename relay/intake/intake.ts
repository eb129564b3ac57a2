/**
 * Creates a lead from a submission by the rules of its form, or reports every field that is not valid.
 *
 * Only fields that the form defines become attributes. Pure: the id, the time and the request's cookies are parameters.
 */
import type { Field, Form } from '../config/forms.ts'
import { CHALLENGE_FIELDS } from './challenge-fields.ts'
import { isConsented, readConsent } from './consent.ts'
import { applySettings } from './form-settings.ts'
import { orderingKeyOf, parseLeadId } from './identity.ts'
import type { Attribute, Lead, LeadId } from './lead.ts'
import type { FieldProblem } from '../protocol.ts'
import { readFieldValue } from './field-value.ts'
import { networkOf } from './network.ts'
import type { Submission } from './submission.ts'
import { sanitize } from './sanitize.ts'
import { readVisitor, type Visitor } from './munchkin-cookie.ts'
import { readPlace } from './place.ts'
import { readVisit } from './visit.ts'

export interface IntakeContext {
  /** Creates the id of a submission without `_id`, or with one that is not a UUID. */
  newId: () => LeadId
  /** Time of the request, in epoch ms. */
  now: number
  /** `Cookie` header of the request. */
  cookies: string | null
  /** `User-Agent` header of the request. */
  userAgent?: string | null
  /** Address of the visitor, as the relay's own hop or a proxy that it trusts knows it. */
  address?: string | undefined
  /** Origin of the page, which the form lists; undefined where the request names none. */
  page?: string | undefined
  /** Munchkin id that the visitor's cookie must have. */
  munchkinId?: string
}

/** `unknownFields` are the names of the posted fields that the form does not define. A visitor may have typed them. */
export type Intake = { ok: true; lead: Lead; unknownFields: string[] } | { ok: false; errors: FieldProblem[] }

/** Maximum length of a string in Marketo, in characters. Captured values are cut to it. */
const MAX_CAPTURE_LENGTH = 255

/** Creates the lead of a submission. */
export function createLead(form: Form, submission: Submission, context: IntakeContext): Intake {
  const { fields, extras } = submission
  const errors: FieldProblem[] = []
  const attributes: Attribute[] = []
  let email = ''
  let defined = 0

  for (const field of form.fields) {
    const posted = fields.get(field.name)
    if (posted) defined += 1
    else if (!field.required) continue
    const read = readFieldValue(field, posted ?? [])
    if (!read.ok) errors.push({ field: field.name, code: read.code, message: read.message })
    else if (read.value === undefined) continue
    else if (field.attribute === 'Email') email = read.value
    else attributes.push(attributeOf(field, read.value))
  }
  if (errors.length > 0) return { ok: false, errors }

  const given = extras.get('_id')
  const id = given ? parseLeadId(given) : undefined
  const { now, newId, address } = context
  const { cookie, note } = visitorOf(form, extras, context)
  const notes = note ? [note] : []
  // The lead is worth more than what its id is for: that the same submission sent again is the same lead.
  if (given && !id) notes.push('id left out: not a UUID')
  const unknownFields = defined < fields.size ? unknownIn(form, fields) : []
  if (unknownFields.length > 0) notes.push(`fields left out that the form does not define: ${unknownFields.length}`)
  const from = readPlace(extras, form.origins, notes)
  const visit = form.marketoForm === undefined ? undefined : readVisit(from, context)
  const posted = {
    id: id ?? newId(),
    form: form.name,
    person: orderingKeyOf(email),
    email,
    attributes,
    ...(cookie && { cookie }),
    ...(visit && { visit }),
    acceptedAt: now,
    notes,
    ...(address !== undefined && { network: networkOf(address) }),
  }
  const lead = applySettings(posted, form)
  addCapture(lead.attributes, form, from)
  if (form.consent) addConsent(lead.attributes, form.consent, readConsent(extras, now, notes))
  return { ok: true, lead, unknownFields }
}

/** Returns the cookie of the visitor, where the form sends it and the visitor agrees. */
function visitorOf(form: Form, extras: Submission['extras'], { cookies, page, munchkinId }: IntakeContext): Visitor {
  if (form.associate === 'never') return {}
  const visitor = readVisitor(extras.get('_visitor'), cookies, page, munchkinId)
  const isAllowed = form.associate === 'always' || isConsented(extras)
  return visitor.cookie === undefined || isAllowed
    ? visitor
    : { note: 'cookie left out: the visitor has not agreed to it' }
}

function attributeOf({ attribute, type }: Field, value: string): Attribute {
  return type === 'boolean' ? { name: attribute, value, type } : { name: attribute, value }
}

function addCapture(attributes: Attribute[], form: Form, extras: ReadonlyMap<string, string>): void {
  let query: URLSearchParams | undefined
  for (const { source, attribute } of form.capture) {
    const found =
      source === 'page' || source === 'referrer'
        ? extras.get(`_${source}`)
        : (query ??= new URLSearchParams(extras.get('_query') ?? '')).get(source)
    const value = sanitize(found ?? '', false).trim()
    if (value !== '') attributes.push({ name: attribute, value: value.slice(0, MAX_CAPTURE_LENGTH).toWellFormed() })
  }
}

function addConsent(
  attributes: Attribute[],
  mapping: NonNullable<Form['consent']>,
  parts: ReturnType<typeof readConsent>,
): void {
  for (const { part, attribute } of mapping) {
    const value = parts[part]
    if (value) attributes.push({ name: attribute, value })
  }
}

/**
 * Returns the names of the posted fields that the form does not define: one may be missing in the configuration. Those of a
 * challenge are added by its script.
 */
function unknownIn(form: Form, fields: Submission['fields']): string[] {
  const ofChallenges = form.challenge ? Object.values(CHALLENGE_FIELDS) : []
  const defined = new Set([...form.fields.map((field) => field.name), ...ofChallenges])
  return [...fields.keys()].filter((name) => !defined.has(name))
}
