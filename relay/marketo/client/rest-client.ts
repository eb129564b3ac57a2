/** The typed client of the REST API: checks an input, makes the requests, and returns a result or throws a `MarketoError`. */
import { toRestName } from '../names.ts'
import { reasonsIn } from '../rest/call.ts'
import { isObject } from '../rest/exchange.ts'
import { FIELDS } from './lists.ts'
import { parseList, requestFor } from './read-list.ts'
import { leadIdIn } from '../rest/verdicts.ts'
import { findProblems, refuseProblems } from '../soap/client.ts'
import type { SoapMarketo } from '../soap/marketo.ts'
import { MarketoError } from '../soap/marketo-error.ts'
import {
  checkId,
  checkList,
  checkObject,
  checkRequiredText,
  isBlank,
  isObject as isInputObject,
  type AddIssue,
  type InputProblem,
} from '../soap/operations/check.ts'
import type { LeadKey } from '../soap/operations/lead-key.ts'
import type { OperationName } from '../soap/operations/operation.ts'
import { requestCampaign } from '../soap/operations/request-campaign.ts'
import { decodedCookie } from '../soap/operations/sync-lead.ts'
import { associate, createSyncLead, readStatus } from './rest-lead.ts'
import type { RestMarketo } from './rest-marketo.ts'
import { createRun, describeReason, type RestClientOptions, type Run } from './run.ts'

const MAX_VALUES = 300
/** Length from which an address is sent as a form, in characters. Marketo takes 8 KB. */
const MAX_ADDRESS_LENGTH = 7_000
/** Maximum size of a page of leads, in bytes. */
const MAX_PAGE_BYTES = 16_000_000

/** Methods of the REST client: its own, and those that it shares with SOAP. */
type RestClient = RestMarketo & Pick<SoapMarketo, 'syncLead' | 'requestCampaign'>

/**
 * Creates a client with all operations of REST.
 *
 * @throws {TypeError} When `endpoint` is not an http or https URL, or when `clientId` or `clientSecret` is empty.
 */
export function createRestClient(options: RestClientOptions): RestClient {
  const run = createRun(options)
  return {
    syncLead: createSyncLead(run, options),
    requestCampaign: createRequestCampaign(run),

    async describe(callOptions) {
      const { result } = await run('describe', requestFor(FIELDS), callOptions)
      return parseList(result, FIELDS) ?? reject('describe')
    },

    async getLeads(filter, callOptions) {
      check('getLeads', filter, ['filterType', 'values', 'fields', 'nextPageToken'], (fields, addIssue) => {
        checkRequiredText(fields.filterType, 'filterType', addIssue)
        checkList(fields.values, MAX_VALUES, 'values', addIssue, (value, path) => {
          const isList = typeof value === 'string' && value.includes(',')
          if (isBlank(value) || isList) addIssue(path, 'must be a value without a comma')
        })
      })
      const { filterType, values, fields, nextPageToken } = filter
      const query = new URLSearchParams({
        filterType: filterType === 'cookies' ? filterType : toRestName(filterType),
        filterValues: values.join(),
        ...(fields && { fields: fields.map(toRestName).join() }),
        ...(nextPageToken !== undefined && { nextPageToken }),
      }).toString()
      const path = '/rest/v1/leads.json'
      const { result, next } = await run(
        'getLeads',
        query.length < MAX_ADDRESS_LENGTH
          ? { method: 'GET', path: `${path}?${query}`, maxBytes: MAX_PAGE_BYTES }
          : {
              method: 'POST',
              path: `${path}?_method=GET`,
              body: query,
              contentType: 'application/x-www-form-urlencoded',
              maxBytes: MAX_PAGE_BYTES,
            },
        callOptions,
      )
      if (!Array.isArray(result)) return reject('getLeads')
      return { leads: result.filter(isObject), nextPageToken: typeof next === 'string' && next !== '' ? next : null }
    },

    async associate(visitor, callOptions) {
      check('associate', visitor, ['leadId', 'cookie'], ({ leadId, cookie }, addIssue) => {
        checkId(leadId, 'leadId', addIssue)
        checkRequiredText(cookie, 'cookie', addIssue)
      })
      const { leadId } = visitor
      await associate(run, { leadId, cookie: decodedCookie(visitor.cookie) ?? '' }, options, callOptions)
    },

    async submitForm(submission, callOptions) {
      const known = ['formId', 'programId', 'fields', 'visitor', 'cookie']
      check('submitForm', submission, known, ({ formId, programId, fields }, addIssue) => {
        checkId(formId, 'formId', addIssue)
        if (programId !== undefined) checkId(programId, 'programId', addIssue)
        if (!isInputObject(fields)) return addIssue('fields', 'must be an object of names and values')
        for (const [name, value] of Object.entries(fields)) {
          const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
          // Marketo refuses the whole submission for a null.
          if (!isPlain) addIssue(`fields.${name}`, 'must be text, a number, true or false')
        }
      })
      const { formId, programId, fields, visitor, cookie } = submission
      const leadFormFields = Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [toRestName(name), value]),
      )
      const entry = { leadFormFields, visitorData: visitor, cookie: decodedCookie(cookie) }
      const body = JSON.stringify({ formId, programId, input: [entry] })
      const path = '/rest/v1/leads/submitForm.json'
      const { result } = await run('submitForm', { method: 'POST', path, body }, callOptions)
      return readStatus(result, 'submitForm')
    },

    async addToList(request, callOptions) {
      check('addToList', request, ['listId', 'leadIds'], ({ listId, leadIds }, addIssue) => {
        checkId(listId, 'listId', addIssue)
        checkList(leadIds, MAX_VALUES, 'leadIds', addIssue, (id, path) => checkId(id, path, addIssue))
      })
      const body = JSON.stringify({ input: request.leadIds.map((id) => ({ id })) })
      const path = `/rest/v1/lists/${request.listId}/leads.json`
      const { result } = await run('addToList', { method: 'POST', path, body }, callOptions)
      if (!Array.isArray(result) || result.length !== request.leadIds.length) return reject('addToList')
      return result.filter(isObject).map(({ id, status, reasons }) => {
        const [reason] = reasonsIn(reasons)
        const error = reason ? describeReason(reason) : status === 'added' ? null : 'not added'
        return { leadId: leadIdIn(id) ?? null, error }
      })
    },
  }
}

function createRequestCampaign(run: Run): SoapMarketo['requestCampaign'] {
  return async (request, options) => {
    refuseProblems('requestCampaign', findProblems(requestCampaign, request))
    const lacking: InputProblem[] = []
    if (!('campaignId' in request)) {
      lacking.push({ field: 'campaignName', message: 'is not available over REST; use campaignId' })
    }
    const ids = request.leads.map(idOf)
    ids.forEach((id, at) => {
      if (id !== undefined) return
      lacking.push({ field: `leads[${at}]`, message: 'must be an id over REST; find it with getLeads' })
    })
    refuseProblems('requestCampaign', lacking, 'unsupported')
    const { campaignId } = request as { campaignId: number }
    const body = JSON.stringify({ input: { leads: ids.map((id) => ({ id })) } })
    await run(
      'requestCampaign',
      { method: 'POST', path: `/rest/v1/campaigns/${campaignId}/trigger.json`, body },
      options,
    )
    return { success: true }
  }
}

function idOf(key: LeadKey): number | undefined {
  if ('id' in key) return key.id
  return 'keyType' in key && key.keyType === 'IDNUM' ? leadIdIn(key.keyValue) : undefined
}

/** Throws the error for an input that is no object, has an unknown key, or of which `checkFields` reports a problem. */
function check(
  operation: OperationName,
  input: unknown,
  known: readonly string[],
  checkFields: (fields: Readonly<Record<string, unknown>>, addIssue: AddIssue) => void,
): void {
  const problems: InputProblem[] = []
  const addIssue: AddIssue = (field, message) => problems.push({ field, message })
  const fields = checkObject(input, known, '', addIssue)
  if (fields) checkFields(fields, addIssue)
  refuseProblems(operation, problems)
}

/** @throws {MarketoError} the error for a reply without its list */
function reject(operation: OperationName): never {
  const message = `${operation}: the reply has no list of results`
  throw new MarketoError(message, { code: 'unreadable', operation, retryable: true, uncertain: true })
}
