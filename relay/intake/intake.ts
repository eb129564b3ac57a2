/**
 * A submission → a lead under the form's own rules, or every field that cannot be taken.
 *
 * Only fields that the form names travel. Pure: the id, the time and the request's cookies are handed in.
 */
import type { Form } from '../config/forms.ts'
import type { Attribute, Lead } from './lead.ts'
import type { FieldProblem } from '../protocol.ts'
import { readAnswer } from './field-value.ts'
import type { Submission } from './submission.ts'
import { clean } from './sanitize.ts'
import { readVisitor } from './munchkin-cookie.ts'

export interface Circumstances {
  /** For a submission that names itself by no `_id`. */
  newId: () => string
  now: number
  /** The request's `Cookie` header. */
  cookies: string | null
  munchkinId?: string
}

export type Intake = { ok: true; lead: Lead } | { ok: false; errors: FieldProblem[] }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** What Marketo stores of a string; a longer address of a page is cut, for it must not cost the lead. */
const CAPTURED_LENGTH = 255

/** A note names what was posted and not taken, so that a field forgotten in the configuration is not lost in silence. */
const NAMED_AT_MOST = 10

/** Takes a submission in. */
export function takeIn(form: Form, submission: Submission, circumstances: Circumstances): Intake {
  const { fields, extras } = submission
  const errors: FieldProblem[] = []
  const attributes: Attribute[] = []
  let email = ''
  let known = 0

  for (const field of form.fields) {
    const posted = fields.get(field.name)
    if (posted) known += 1
    else if (!field.required) continue
    const answer = readAnswer(field, posted ?? [])
    if (!answer.ok) errors.push({ field: field.name, code: answer.code, message: answer.message })
    else if (answer.value === undefined) continue
    else if (field.attribute === 'Email') email = answer.value
    else attributes.push({ name: field.attribute, value: answer.value })
  }
  const id = extras.get('_id')?.toLowerCase() || undefined
  if (id && !UUID.test(id)) {
    errors.push({ field: '_id', code: 'format', message: '_id must be a UUID.' })
  }
  if (errors.length > 0) return { ok: false, errors }

  const { now, newId, cookies, munchkinId } = circumstances
  const { cookie, note } = form.associate === 'always' ? readVisitor(extras.get('_visitor'), cookies, munchkinId) : {}
  attributes.push(...form.constants)
  addCapture(attributes, form, extras)
  const notes = note ? [note] : []
  if (known < fields.size) notes.push(...unmapped(form, fields))
  return {
    ok: true,
    lead: {
      id: id ?? newId(),
      form: form.name,
      person: `email:${email.toLowerCase()}`,
      email,
      attributes,
      ...(cookie && { cookie }),
      ...(form.workspace && { workspace: form.workspace }),
      acceptedAt: now,
      notes,
    },
  }
}

function addCapture(attributes: Attribute[], form: Form, extras: Submission['extras']): void {
  let query: URLSearchParams | undefined
  for (const { source, attribute } of form.capture) {
    const found =
      source === 'page' || source === 'referrer'
        ? extras.get(`_${source}`)
        : (query ??= new URLSearchParams(extras.get('_query') ?? '')).get(source)
    const value = clean(found ?? '', false).trim()
    if (value !== '') attributes.push({ name: attribute, value: value.slice(0, CAPTURED_LENGTH).toWellFormed() })
  }
}

function unmapped(form: Form, fields: Submission['fields']): string[] {
  const mapped = new Set(form.fields.map((field) => field.name))
  const names = [...fields.keys()].filter((name) => !mapped.has(name) && /^[A-Za-z_][\w[\]-]{0,63}$/.test(name))
  return names.length === 0 ? [] : [`fields not in the configuration: ${names.slice(0, NAMED_AT_MOST).join(', ')}`]
}
