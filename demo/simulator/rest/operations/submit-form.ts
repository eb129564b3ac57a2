/**
 * Implements Submit Form: creates or updates a lead as a form does, and notes that the form was filled out.
 *
 * Sources: Adobe's page on leads, and what users of the call found. A field that the form does not have skips the whole
 * submission, with `success: true`. A null, and data that the form would not accept, reject the call with 1003. A form
 * that is not there is answered 609. Of several leads with the address, the one updated last is written.
 *
 * Chosen: the reason of a field that is not on the form is 1006; a draft is as if it were not there; a cookie that is none
 * is left out; a required field is not enforced.
 */
import { publishPeople, type Marketo } from '../../marketo.ts'
import { readOwnCookie } from '../../people/cookie.ts'
import { PROGRAMS, type Form } from '../../people/forms.ts'
import type { Person } from '../../people/person.ts'
import { upsertPerson } from '../../people/upsert.ts'
import { findWorkspace } from '../../people/workspaces.ts'
import { errorText, RestError } from '../errors.ts'
import { asObject, readLead, recordView } from '../lead-input.ts'
import type { Operation, OperationCall, OperationResult } from './operation.ts'
import { resultOf, skipped } from './sync-leads.ts'

export const submitForm: Operation = {
  name: 'submitForm',
  method: 'POST',
  path: /^\/rest\/v1\/leads\/submitForm\.json$/,
  hasBody: true,
  records: (marketo, json) => {
    const entry = asObject(entriesOf(json)[0])
    return entry ? [recordView(marketo, entry['leadFormFields'])] : []
  },
  run: (marketo, call) => {
    const submission = readSubmission(marketo, call.json)
    const { email, fields, form } = submission
    const { refusal } = call
    if (refusal && (refusal.email === undefined || refusal.email.toLowerCase() === email.toLowerCase()))
      return { result: [{ status: 'skipped', ...refusal.answer }] }
    const stray = Object.keys(fields).find((name) => !isOnForm(marketo, form, name))
    if (stray !== undefined) return { result: [skipped({ code: '1006', message: errorText('1006', stray) })] }
    return submit(marketo, submission, call)
  },
}

interface Submission {
  form: Form
  programId: number | undefined
  /** By REST API name. */
  fields: Readonly<Record<string, unknown>>
  email: string
  /** Raw, as the browser has it. */
  cookie: string
  visitor: VisitorData
}

interface VisitorData {
  pageURL?: string
  queryString?: string
}

function entriesOf(json: unknown): unknown[] {
  const input = asObject(json)?.['input']
  return Array.isArray(input) ? input : []
}

/** @throws RestError if the call is not a submission of one of the forms */
function readSubmission({ settings }: Marketo, json: unknown): Submission {
  const { formId, programId } = asObject(json) ?? {}
  // A number as a text is sent in production by a large customer data platform.
  const form = settings.current.forms.find(({ id }) => id === Number(formId))
  if (form?.status !== 'approved') throw new RestError('609')
  const entries = entriesOf(json)
  const entry = asObject(entries[0])
  if (entries.length !== 1 || !entry) throw new RestError('1003', 'Invalid data: input must have one entry')
  const program = PROGRAMS.find(({ id }) => id === programId)
  if (programId !== undefined && program?.workspace !== form.workspace) throw new RestError('1013')

  const fields = asObject(entry['leadFormFields']) ?? {}
  // Null is an object too.
  const isFlat = Object.values(fields).every((value) => typeof value !== 'object')
  const { email } = fields
  if (!isFlat || typeof email !== 'string' || email.trim() === '') throw new RestError('1003', VALIDATION_FAILED)
  return {
    form,
    programId: program?.id,
    fields,
    email: email.trim(),
    cookie: typeof entry['cookie'] === 'string' ? entry['cookie'] : '',
    visitor: readVisitorData(entry['visitorData']),
  }
}

const VALIDATION_FAILED = 'Form validation failed'

/** Unknown keys are dropped: a large customer data platform sends one. */
function readVisitorData(given: unknown): VisitorData {
  if (given === undefined) return {}
  const data = asObject(given)
  const texts = ['pageURL', 'queryString', 'leadClientIpAddress', 'userAgentString'].map((name) => data?.[name] ?? '')
  const [pageURL, queryString, address] = texts
  const areTexts = data !== undefined && texts.every((text) => typeof text === 'string')
  if (!areTexts || !isAbsolute(pageURL) || !isIPv4(address)) throw new RestError('1003', VALIDATION_FAILED)
  return { ...(pageURL && { pageURL }), ...(queryString && { queryString }) } as VisitorData
}

function isAbsolute(url: unknown): boolean {
  return url === '' || /^https?:\/\/[^/]/.test(String(url))
}

function isIPv4(address: unknown): boolean {
  return address === '' || /^\d{1,3}(\.\d{1,3}){3}$/.test(String(address))
}

function isOnForm({ restFields }: Marketo, { fields }: Form, name: string): boolean {
  const field = restFields.get(name)
  return field !== undefined && fields.includes(field.name)
}

function submit(
  marketo: Marketo,
  { form, programId, fields, email, cookie: given, visitor }: Submission,
  { call, snapshot }: OperationCall,
): OperationResult {
  const { people, settings, account, now } = marketo
  const lead = readLead(marketo, fields)
  if (lead.problem || lead.tooLong) throw new RestError('1003', VALIDATION_FAILED)
  const outcome = upsertPerson(
    people,
    settings.current,
    {
      action: 'createOrUpdate',
      lookupField: 'Email',
      key: email,
      attributes: lead.attributes,
      place: findWorkspace(settings.current.workspaces, form.workspace),
      newest: true,
    },
    { at: now(), call, snapshot },
  )
  const result = resultOf(outcome)
  if (!('person' in outcome)) return { result: [result] }
  const { person } = outcome
  const cookie = readOwnCookie(given, account.munchkinId)
  if (cookie) people.assignCookie(person, cookie)
  noteSubmission(person, form, visitor, { programId, call, at: now() })
  people.markChanged(person)
  publishPeople(marketo)
  return { result: [result], leadId: person.id }
}

/** Adds Marketo's activity "Fill Out Form". */
function noteSubmission(
  person: Person,
  { id, name }: Form,
  { pageURL, queryString }: VisitorData,
  { programId, call, at }: { programId: number | undefined; call: number; at: number },
): void {
  person.activities.push({
    type: 'form',
    at: new Date(at).toISOString(),
    call,
    formId: id,
    form: name,
    ...(programId !== undefined && { programId }),
    ...(pageURL !== undefined && { url: pageURL }),
    ...(queryString !== undefined && { query: queryString }),
  })
}
