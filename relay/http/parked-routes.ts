/**
 * `GET /v1/parked` and `POST /v1/replay`: the operator's desk over HTTP, for whoever has the operator's token.
 *
 * It reads what was asked, says all that is wrong with it, and leaves the rest to the desk. Nothing it answers may be
 * kept by a cache, and no log is told of a person.
 */
import { problem } from './responses.ts'
import { MAX_PAGE, readPlace, type ParkedLeads, type ListQuery, type ReplayOrder } from '../admin/parked-leads.ts'
import type { ApiKeys } from './api-keys.ts'
import { readBytes } from '../intake/read-body.ts'
import type { Log } from '../monitoring/events.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { FieldProblem, FieldProblemCode } from '../protocol.ts'

/** Leads of a page, unless told otherwise. */
const PAGE = 50

/** Room for as many ids as may be sent, and for names of attributes. */
const MAX_BODY = 64 * 1024

/** Marketo's names are shorter by far. */
const MAX_NAME = 255

export interface Operator {
  /** The operator's token. */
  keys: ApiKeys
  outbox: Pick<Outbox, 'find' | 'list' | 'replay' | 'status'>
}

interface ParkedRoutes {
  keys: ApiKeys
  desk: ParkedLeads
}

/** Answers `GET /v1/parked`. */
export async function listParked(request: Request, { keys, desk }: ParkedRoutes): Promise<Response> {
  if (!(await keys.admits(request.headers.get('authorization')))) return noToken()
  const { query, problems } = readQuery(new URL(request.url).searchParams)
  if (problems.length > 0) return wrong(problems)
  const { id, ...page } = query
  if (id === undefined) return answer(await desk.list(page))
  const lead = await desk.find(id, page.values)
  return answer({ total: lead ? 1 : 0, parked: lead ? [lead] : [] })
}

/** Answers `POST /v1/replay`. */
export async function replayParked(
  request: Request,
  { keys, desk, wake, log }: ParkedRoutes & { wake: () => void; log: Log },
): Promise<Response> {
  if (!(await keys.admits(request.headers.get('authorization')))) return noToken()
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    return problem('type', 'Send application/json.', {})
  }
  const bytes = await readBytes(request, MAX_BODY)
  if (!bytes) return problem('too-large', `The body has at most ${MAX_BODY / 1024} KB.`, {})
  const body = parse(bytes)
  if (!body) return problem('unreadable', 'The body must be a JSON object such as {"all": true}.', {})
  const { order, problems } = readOrder(body)
  if (problems.length > 0) return wrong(problems)

  const step = await desk.replay(order)
  const replayed = step.results.filter(({ result }) => result === 'replayed').length
  if (replayed > 0 && !order.dryRun) {
    log({ event: 'replayed', leads: replayed })
    wake()
  }
  return answer({ replayed, ...step })
}

function noToken(): Response {
  return problem('key', 'Send "Authorization: Bearer <token>" with the FORM_SYNC_CONSOLE_TOKEN of this relay.', {
    'www-authenticate': 'Bearer',
  })
}

function wrong(problems: FieldProblem[]): Response {
  return problem('fields', problems.map(({ message }) => message).join(' '), {}, problems)
}

function answer(body: object): Response {
  return Response.json(body, { headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } })
}

/** Notes what is wrong with a field; `of` says what it takes. */
type AddIssue = (field: string, of: string, code?: FieldProblemCode) => void

function collectIssues(): { problems: FieldProblem[]; addIssue: AddIssue } {
  const problems: FieldProblem[] = []
  return {
    problems,
    addIssue: (field, of, code = 'format') => problems.push({ field, code, message: `${field} ${of}.` }),
  }
}

function readQuery(params: URLSearchParams): { query: ListQuery & { id?: string }; problems: FieldProblem[] } {
  const { problems, addIssue } = collectIssues()
  const { limit = String(PAGE), after, values = '0', id, ...others } = Object.fromEntries(params)
  for (const name of Object.keys(others)) addIssue(name.slice(0, MAX_NAME), 'is no word of this address')
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE) {
    addIssue('limit', `takes a number from 1 to ${MAX_PAGE}`)
  }
  if (after !== undefined && !readPlace(after)) addIssue('after', 'takes what stood in "next", as it stood there')
  if (values !== '0' && values !== '1') addIssue('values', 'takes 1 or 0')
  const query = {
    limit: Number(limit),
    values: values === '1',
    ...(after !== undefined && { after }),
    ...(id !== undefined && { id }),
  }
  return { query, problems }
}

const KNOWN = ['ids', 'all', 'form', 'reason', 'after', 'drop', 'rename', 'dryRun']

function readOrder(body: Record<string, unknown>): { order: ReplayOrder; problems: FieldProblem[] } {
  const { problems, addIssue } = collectIssues()
  for (const name of Object.keys(body)) {
    if (!KNOWN.includes(name)) addIssue(name.slice(0, MAX_NAME), `is not one of ${KNOWN.join(', ')}`)
  }
  const { ids, all, form, reason, after, drop = [], rename = {}, dryRun = false } = body
  if (ids === undefined && all === undefined) addIssue('ids', 'must be given, or all', 'required')
  if (ids !== undefined && !isListOfNames(ids)) addIssue('ids', `takes a list of 1 to ${MAX_PAGE} ids`)
  if (all !== undefined && all !== true) addIssue('all', 'takes true')
  if (ids !== undefined) {
    for (const [name, value] of Object.entries({ all, form, reason, after })) {
      if (value !== undefined) addIssue(name, 'does not go with ids')
    }
  }
  for (const [name, value] of Object.entries({ form, reason })) {
    if (value !== undefined && !isName(value)) addIssue(name, 'takes a text')
  }
  if (after !== undefined && !(typeof after === 'string' && readPlace(after))) {
    addIssue('after', 'takes what stood in "next", as it stood there')
  }
  if (!isListOfNames(drop, 0)) addIssue('drop', 'takes a list of names of attributes')
  if (!isRenaming(rename)) addIssue('rename', 'takes an object of old names and new ones')
  else if (isListOfNames(drop, 0)) {
    const both = Object.keys(rename).find((name) => drop.includes(name))
    if (both !== undefined) addIssue('rename', `names ${both}, which drop names too`)
  }
  if (typeof dryRun !== 'boolean') addIssue('dryRun', 'takes true or false')

  const chosen = ids === undefined ? { all: true, ...present({ form, reason, after }) } : { ids }
  return { order: { ...chosen, drop, rename, dryRun } as ReplayOrder, problems }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME
}

function isListOfNames(value: unknown, least = 1): value is string[] {
  return Array.isArray(value) && value.length >= least && value.length <= MAX_PAGE && value.every(isName)
}

function isRenaming(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([from, to]) => isName(from) && isName(to))
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
