/**
 * Implements Sync Leads: creates or updates up to 300 leads and answers each, in the order of the input.
 *
 * Sources: Adobe's pages on leads and on error codes. A lead that is refused does not stop the others. `asyncProcessing`
 * is ignored, because its answer is documented nowhere.
 */
import { publishPeople, type Marketo } from '../../marketo.ts'
import { ACTIONS, upsertPerson, type UpsertOutcome, type UpsertRequest } from '../../people/upsert.ts'
import { findPartition } from '../../people/workspaces.ts'
import { errorText, RestError, type ErrorEntry } from '../errors.ts'
import { asObject, readLead, recordView, textOf, type LeadInput } from '../lead-input.ts'
import { isSearchable } from '../searchable-fields.ts'
import type { Operation, OperationCall } from './operation.ts'

const MAX_LEADS = 300

export const syncLeads: Operation = {
  name: 'syncLeads',
  method: 'POST',
  path: /^\/rest\/v1\/leads\.json$/,
  hasBody: true,
  records: (marketo, json) => leadsOf(json).map((lead) => recordView(marketo, lead)),
  run: (marketo, call) => {
    const leads = leadsOf(call.json)
    if (leads.length === 0) throw new RestError('1003', 'Leads not specified')
    if (leads.length > MAX_LEADS) throw new RestError('1003', `Invalid data: more than ${MAX_LEADS} leads`)
    const rules = readRules(marketo, asObject(call.json) ?? {})
    // All leads are read before the first is written, because one of them may refuse the call.
    const result = leads
      .map((lead) => readRecord(marketo, lead, rules))
      .map((record) => sync(marketo, record, rules, call))
    publishPeople(marketo)
    const [only] = result
    return { result, ...(result.length === 1 && only?.id !== undefined && { leadId: only.id }) }
  },
}

/** The parameters that a call has for all its leads. */
interface CallRules extends Pick<UpsertRequest, 'action' | 'place'> {
  /** REST API name. */
  lookupName: string
  /** SOAP API name. */
  lookupField: string
}

interface LeadRecord extends LeadInput {
  key: string
}

interface LeadResult {
  id?: number
  status: 'created' | 'updated' | 'skipped'
  reasons?: ErrorEntry[]
}

function leadsOf(json: unknown): unknown[] {
  const input = asObject(json)?.['input']
  return Array.isArray(input) ? input : []
}

/** @throws RestError if action, lookup field or partition is not usable */
function readRules(marketo: Marketo, body: Readonly<Record<string, unknown>>): CallRules {
  const action = body['action'] === undefined ? 'createOrUpdate' : ACTIONS.find((name) => name === body['action'])
  if (!action) throw new RestError('1003', 'Invalid data: unknown action')
  const lookupName = textOf(body['lookupField'] ?? 'email') ?? ''
  const rules = { action, lookupName, lookupField: readLookupField(marketo, lookupName, action) }
  const partition = textOf(body['partitionName'] ?? null) ?? ''
  if (partition === '') return { ...rules, place: undefined }
  const place = findPartition(marketo.settings.current, partition)
  if (!place) throw new RestError('1008', errorText('1008', partition))
  // Adobe: the parameter works for these two actions only.
  return { ...rules, place: action === 'createOnly' || action === 'createOrUpdate' ? place : undefined }
}

/** Returns the SOAP API name of the lookup field. */
function readLookupField({ restFields }: Marketo, name: string, action: CallRules['action']): string {
  if (name === 'id') {
    if (action === 'updateOnly') return 'Id'
    throw new RestError('1003', 'Invalid data: id may be used with the action updateOnly only')
  }
  const field = restFields.get(name)
  // The text was recorded from Marketo.
  if (!field) throw new RestError('1006', `Lookup field '${name}' not found`)
  if (!isSearchable(field)) throw new RestError('1011', errorText('1011', name))
  return field.name
}

/** @throws RestError 1077 if a value is too long */
function readRecord(marketo: Marketo, given: unknown, { action, lookupName }: CallRules): LeadRecord {
  const lead = asObject(given)
  const notAnObject = { code: '1003', message: 'Invalid data: not an object' }
  if (!lead) return { key: '', attributes: [], tooLong: false, problem: notAnObject }
  const input = readLead(marketo, lead)
  if (input.tooLong) throw new RestError('1077')
  const key = textOf(lead[lookupName] ?? null)?.trim() ?? ''
  if (input.problem) return { ...input, key }
  if ('id' in lead && action !== 'updateOnly') {
    const message = `Invalid data: field 'id' may be used with the action updateOnly only`
    return { ...input, key, problem: { code: '1003', message } }
  }
  if (key === '' && action !== 'createDuplicate')
    return { ...input, key, problem: { code: '1002', message: errorText('1002', lookupName) } }
  return { ...input, key }
}

function sync(
  marketo: Marketo,
  { key, attributes, problem }: LeadRecord,
  { action, lookupField, place }: CallRules,
  { call, snapshot, refusal }: OperationCall,
): LeadResult {
  const email = lookupField === 'Email' ? key : (attributes.find(({ name }) => name === 'Email')?.value ?? '')
  if (refusal && (refusal.email === undefined || refusal.email.toLowerCase() === email.toLowerCase()))
    return { status: 'skipped', ...refusal.answer }
  if (problem) return skipped(problem)
  const outcome = upsertPerson(
    marketo.people,
    marketo.settings.current,
    { action, lookupField, key, attributes, place, partition: place?.partition },
    { at: marketo.now(), call, snapshot },
  )
  return resultOf(outcome)
}

/** Returns the answer for one lead. */
export function resultOf(outcome: UpsertOutcome): LeadResult {
  switch (outcome.kind) {
    case 'created':
    case 'updated':
      return { id: outcome.person.id, status: outcome.kind }
    case 'exists':
      return skipped({ code: '1005', message: errorText('1005') })
    case 'not-found':
      return skipped({ code: '1004', message: errorText('1004') })
    case 'several':
      return skipped({ code: '1007', message: errorText('1007') })
    case 'other-partition':
      return skipped({ code: '1010', message: errorText('1010') })
    default:
      return outcome satisfies never
  }
}

export function skipped(reason: ErrorEntry): LeadResult {
  return { status: 'skipped', reasons: [reason] }
}
