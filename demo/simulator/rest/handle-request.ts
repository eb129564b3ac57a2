/**
 * Handles one request of the REST API as Marketo does: token, limits, resource, content type, operation, answer. Knows no
 * injected fault but a refusal of leads.
 *
 * Of Adobe's table, 601, 602 and 605 count against no limit; the other errors do, once the token is known to be valid.
 * Chosen: 600 does not count, because nobody is known to have called.
 */
import type { ExceededLimit } from '../limits.ts'
import type { Marketo } from '../marketo.ts'
import type { Outcome } from '../serve-call.ts'
import type { RecordView } from '../view.ts'
import { errorText, RestError } from './errors.ts'
import { findOperation } from './operations/index.ts'
import type { Operation, OperationResult, Refusal } from './operations/operation.ts'
import { jsonReply, requestIdOf, type Envelope } from './reply.ts'
import type { RestRequest } from './request.ts'

/** A request with what it asks for. */
export interface ParsedRequest extends RestRequest {
  found: ReturnType<typeof findOperation>
  /** The parsed body; undefined if it is not JSON. */
  json: unknown
  /** The call's leads, without a status. */
  records: RecordView[]
}

export interface HandleOptions {
  /** Number of the call. */
  call: number
  /** Duration of the work, in ms. People are looked for before it and written after it. */
  delayMs: number
  refusal?: Refusal | undefined
}

/** Finds the operation and parses the body. Rejects nothing. */
export function parseRequest(marketo: Marketo, request: RestRequest): ParsedRequest {
  const asGet = request.method === 'POST' && request.query.get('_method') === 'GET'
  const method = asGet ? 'GET' : request.method
  const query = asGet ? new URLSearchParams([...request.query, ...new URLSearchParams(request.body)]) : request.query
  const found = findOperation(method, request.path)
  const json = parseJson(request.body)
  const records = typeof found === 'object' ? (found.operation.records?.(marketo, json) ?? []) : []
  return { ...request, method, query, found, json, records }
}

export async function handleRequest(
  marketo: Marketo,
  request: ParsedRequest,
  { call, delayMs, refusal }: HandleOptions,
): Promise<Outcome> {
  const { limits, now, people, wait, calls } = marketo
  const requestId = requestIdOf(call, now())
  try {
    checkToken(marketo, request)
    if (request.found === 'no-such-method') throw new RestError('605')
    const limit = limits.enter()
    if (limit) throw limitError(limit, marketo)
    try {
      const snapshot = people.emailSnapshot()
      if (delayMs > 0) await wait(delayMs)
      if (request.found === 'no-such-resource') throw new RestError('610')
      const { operation, parameters } = request.found
      checkContent(operation, request)
      const { query, json } = request
      const { leadId = null, ...content } = operation.run(marketo, {
        path: parameters,
        query,
        json,
        call,
        snapshot,
        refusal,
      })
      const envelope: Envelope = { requestId, success: true, ...content }
      return {
        ...statusOf(content.result),
        ...appliedRecords(request.records, content.result),
        leadId,
        appliedAt: calls.timestamp(),
        reply: jsonReply(envelope),
      }
    } finally {
      limits.leave()
    }
  } catch (error) {
    if (error instanceof RestError) return errorOutcome(error, requestId, request.records)
    throw error
  }
}

/** Returns the outcome of a call that is rejected as a whole. Nothing was done. */
export function errorOutcome({ code, message, status }: RestError, requestId: string, records: RecordView[]): Outcome {
  const envelope: Envelope = { requestId, success: false, errors: [{ code, message }] }
  return { ok: false, code, leadId: null, appliedAt: null, records, reply: jsonReply(envelope, status) }
}

/**
 * @throws RestError 600, 601 or 602. A token in the address does not count: Marketo takes it from the header alone since
 *   2026-08-31
 */
function checkToken({ tokens, now }: Marketo, { token }: RestRequest): void {
  if (token === undefined) throw new RestError('600')
  const code = tokens.check(token, now())
  if (code) throw new RestError(code)
}

/** @throws RestError 612 or 609. A call without a body needs the content type too, as was seen at Marketo */
function checkContent({ method, hasBody }: Operation, { contentType, json }: ParsedRequest): void {
  // The leads to remove from a list may be in the address alone.
  if (method === 'GET' || method === 'DELETE') return
  if (contentType !== 'application/json') throw new RestError('612')
  if (hasBody && json === undefined) throw new RestError('609')
}

function limitError(limit: ExceededLimit, { limits }: Marketo): RestError {
  switch (limit) {
    case 'daily':
      return new RestError('607')
    case 'rate':
      return new RestError('606', errorText('606', String(limits.view().ratePer20s), '20'))
    case 'concurrency':
      return new RestError('615')
    default:
      return limit satisfies never
  }
}

/** Returns undefined if the text is not JSON. */
function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    // The parser's message would quote the text.
    return undefined
  }
}

/** An entry of a result, as far as a record of the call needs it. */
interface ResultEntry {
  id?: number
  status?: string
  reasons?: { code: string }[]
}

/** A call with a lead that was skipped has failed, with the code of the first reason. */
function statusOf(result: OperationResult['result'] = []): Pick<Outcome, 'ok' | 'code'> {
  const failed = (result as ResultEntry[]).find(({ status }) => status === 'skipped')
  return failed ? { ok: false, code: failed.reasons?.[0]?.code ?? 'skipped' } : { ok: true, code: null }
}

const STATUSES: Readonly<Record<string, RecordView['status']>> = {
  created: 'CREATED',
  updated: 'UPDATED',
  skipped: 'FAILED',
}

function appliedRecords(records: RecordView[], result: OperationResult['result'] = []): Pick<Outcome, 'records'> {
  const entries = result as ResultEntry[]
  return {
    records: records.map((record, index) => ({
      ...record,
      status: STATUSES[entries[index]?.status ?? ''] ?? null,
      leadId: entries[index]?.id ?? null,
    })),
  }
}
