/**
 * Handles `GET /v1/parked` and `POST /v1/replay`, the admin service over HTTP, for holders of the operator's token.
 *
 * Parses each request, reports everything that is wrong with it at once, and leaves the work to the admin service.
 * Replies are never cached, and nothing that identifies a person is logged.
 */
import { accountIn, selectOutbox, type OperatorRequest } from './operator-accounts.ts'
import { checkNotes } from './operator-fields.ts'
import { invalid, json, unknownAccount } from './operator-replies.ts'
import { MAX_PAGE, readCursor, type ParkedLeads, type ListQuery, type ReplayRequest } from '../admin/parked-leads.ts'
import type { OperatorTokens } from './operator-tokens.ts'
import type { ApiKeys } from './api-keys.ts'
import { EDIT_FIELDS, isListOfNames, isName, MAX_NAME_LENGTH, readEdit } from './replay-edit.ts'
import { readJsonBody } from './json-body.ts'
import type { Log } from '../monitoring/events.ts'
import type { SharedOutbox } from '../outbox/sharding.ts'
import type { FieldProblem, FieldProblemCode } from '../protocol.ts'

/** Number of leads in a page if `limit` is not given. */
const DEFAULT_LIMIT = 50

/** Maximum size of a request body, in bytes: enough for `MAX_PAGE` ids and the names of attributes. */
const MAX_BODY_BYTES = 64 * 1024

export interface ParkedRoutesOptions {
  /** The tokens of operators. Without `identify` each of them is that of one operator without a name, who may act. */
  keys: ApiKeys & Partial<Pick<OperatorTokens, 'identify'>>
  /** The outbox of the only account, if the relay has no `accounts`. */
  outbox: SharedOutbox
  /** False where each account has a database of its own, so that no replay moves a lead to another account. */
  movesLeads?: boolean
}

interface ParkedRoutes extends Pick<OperatorRequest, 'accounts' | 'operatorName'> {
  /** Creates the admin service of these accounts; `account` is the name of the only one. */
  parkedLeadsIn: (outbox: SharedOutbox, account?: string) => ParkedLeads
}

/** Returns the admin service of all accounts, or of one; undefined when there is no such account. */
function select({ accounts, parkedLeadsIn }: ParkedRoutes, account: string | undefined): ParkedLeads | undefined {
  const outbox = selectOutbox(accounts, account)
  return outbox && parkedLeadsIn(outbox, account)
}

/** Handles `GET /v1/parked`. */
export async function listParked(request: Request, routes: ParkedRoutes): Promise<Response> {
  const { query, problems } = readQuery(new URL(request.url).searchParams)
  if (problems.length > 0) return invalid(problems)
  const { id, account, ...page } = query
  const parkedLeads = select(routes, account)
  if (!parkedLeads) return unknownAccount(routes.accounts)
  if (id === undefined) return json(await parkedLeads.list(page))
  const lead = await parkedLeads.find(id, page.values)
  return json({ total: lead ? 1 : 0, parked: lead ? [lead] : [] })
}

/** Handles `POST /v1/replay`. */
export async function replayParked(
  request: Request,
  { wake, log, ...routes }: ParkedRoutes & { wake: () => void; log: Log },
): Promise<Response> {
  const body = await readJsonBody(request, MAX_BODY_BYTES, '{"all": true}')
  if (body instanceof Response) return body
  const { account, ...rest } = body
  const { replay, problems } = readReplay(rest)
  if (problems.length > 0) return invalid(problems)
  const parkedLeads = select(routes, accountIn(account))
  if (!parkedLeads) return unknownAccount(routes.accounts)

  const step = await parkedLeads.replay(replay)
  const replayed = step.results.filter(({ result }) => result === 'replayed').length
  if (replayed > 0 && !replay.dryRun) {
    log({ event: 'replayed', leads: replayed, by: routes.operatorName ?? replay.by ?? 'operator' })
    wake()
  }
  return json({ replayed, ...step })
}

const CURSOR_RULE = 'after must be the "next" of the previous reply, unchanged'

/** Adds a problem with a field. The message has no full stop. */
type AddIssue = (field: string, message: string, code?: FieldProblemCode) => void

function collectIssues(): { problems: FieldProblem[]; addIssue: AddIssue } {
  const problems: FieldProblem[] = []
  return {
    problems,
    addIssue: (field, message, code = 'format') => problems.push({ field, code, message: `${message}.` }),
  }
}

const PARAMETERS = ['limit', 'after', 'values', 'id', 'account']

type Query = ListQuery & { id?: string; account?: string }

function readQuery(params: URLSearchParams): { query: Query; problems: FieldProblem[] } {
  const { problems, addIssue } = collectIssues()
  const { limit = String(DEFAULT_LIMIT), after, values = '0', id, account, ...unknown } = Object.fromEntries(params)
  for (const key of Object.keys(unknown)) {
    const name = key.slice(0, MAX_NAME_LENGTH)
    addIssue(name, `unknown query parameter: ${name}; allowed are ${PARAMETERS.join(', ')}`)
  }
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE) {
    addIssue('limit', `limit must be a whole number from 1 to ${MAX_PAGE}`)
  }
  if (after !== undefined && !readCursor(after)) addIssue('after', CURSOR_RULE)
  if (values !== '0' && values !== '1') addIssue('values', 'values must be 0 or 1')
  const query = {
    limit: Number(limit),
    values: values === '1',
    ...(after !== undefined && { after }),
    ...(id !== undefined && { id }),
    ...(account !== undefined && { account }),
  }
  return { query, problems }
}

const FIELDS = [
  'ids',
  'all',
  'account',
  'form',
  'reason',
  'after',
  ...EDIT_FIELDS,
  'keepSettings',
  'dryRun',
  'release',
  'by',
]

function readReplay(body: Record<string, unknown>): { replay: ReplayRequest; problems: FieldProblem[] } {
  const { problems, addIssue } = collectIssues()
  for (const key of Object.keys(body)) {
    if (FIELDS.includes(key)) continue
    const name = key.slice(0, MAX_NAME_LENGTH)
    addIssue(name, `unknown field: ${name}; allowed are ${FIELDS.join(', ')}`)
  }
  const { ids, all, form, reason, after, keepSettings = false, dryRun = false, release = false, by } = body
  if (ids === undefined && all === undefined) addIssue('ids', 'either ids or all is required', 'required')
  if (ids !== undefined && !isListOfNames(ids)) addIssue('ids', `ids must be a list of 1 to ${MAX_PAGE} ids`)
  if (all !== undefined && all !== true) addIssue('all', 'all must be true; to select some leads, send ids instead')
  if (ids !== undefined) {
    for (const [name, value] of Object.entries({ all, form, reason, after })) {
      if (value !== undefined) addIssue(name, `${name} cannot be combined with ids`)
    }
  }
  for (const [name, value] of Object.entries({ form, reason })) {
    if (value === undefined || isName(value)) continue
    addIssue(name, `${name} must be text of 1 to ${MAX_NAME_LENGTH} characters`)
  }
  if (after !== undefined && !(typeof after === 'string' && readCursor(after))) addIssue('after', CURSOR_RULE)
  const edit = readEdit(body, addIssue)
  for (const [name, value] of Object.entries({ keepSettings, dryRun, release })) {
    if (typeof value !== 'boolean') addIssue(name, `${name} must be true or false`)
  }

  if (by !== undefined) checkNotes({ by }, (field, rule) => addIssue(field, `${field} ${rule}`))

  const own = { keepSettings, dryRun, ...(release === true && { release }), ...(by !== undefined && { by }) }
  const selection = ids === undefined ? { all: true, ...withoutUndefined({ form, reason, after }) } : { ids }
  return { replay: { ...selection, ...edit, ...own } as ReplayRequest, problems }
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
