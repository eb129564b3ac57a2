/**
 * Handles `GET /v1/waiting` and `POST /v1/discard`, the admin service of undelivered leads over HTTP, for holders of the
 * operator's token. Nothing that identifies a person is logged or replied.
 */
import { readSelector, SELECTOR_FIELDS, textsOf } from '../admin/selector.ts'
import { createWaitingLeads, type DiscardRequest, type WaitingLeads } from '../admin/waiting-leads.ts'
import type { Log } from '../monitoring/events.ts'
import { GROUP_KEYS, isPlace, type GroupKey, type LeadSelector } from '../outbox/selection.ts'
import type { FieldProblem } from '../protocol.ts'
import { accountIn, selectOutbox, type OperatorRequest } from './operator-accounts.ts'
import { readJsonBody } from './json-body.ts'
import { checkNotes, collectIssues, reportUnknown } from './operator-fields.ts'
import { invalid, json, unknownAccount } from './operator-replies.ts'

/** Maximum size of a request body, in bytes. */
const MAX_BODY_BYTES = 16 * 1024

interface WaitingRoutes extends OperatorRequest {
  /** Returns epoch milliseconds. */
  now: () => number
}

/** Returns the admin service of all accounts, or of one; undefined when there is no such account. */
function select({ accounts, now, recorderFor }: WaitingRoutes, account: unknown): WaitingLeads | undefined {
  const name = accountIn(account)
  const outbox = selectOutbox(accounts, name)
  return outbox && createWaitingLeads(outbox, now, recorderFor(name))
}

/** Handles `GET /v1/waiting`. */
export async function surveyWaiting(request: Request, routes: WaitingRoutes): Promise<Response> {
  const { account, by = 'form', ...fields } = Object.fromEntries(new URL(request.url).searchParams)
  const { problems, addIssue } = collectIssues()
  reportUnknown(fields, ['by', ...SELECTOR_FIELDS, 'account'], addIssue)
  const isKey = GROUP_KEYS.some((key) => key === by)
  if (!isKey) addIssue('by', `must be one of ${GROUP_KEYS.join(', ')}`)
  const selector = readSelector(fields, addIssue)
  if (problems.length > 0) return invalid(problems)
  const leads = select(routes, account)
  return leads ? json(await leads.survey(selector, by as GroupKey)) : unknownAccount(routes.accounts)
}

/** Handles `POST /v1/discard`. */
export async function discardWaiting(
  request: Request,
  { wake, log, ...routes }: WaitingRoutes & { wake: () => void; log: Log },
): Promise<Response> {
  const body = await readJsonBody(request, MAX_BODY_BYTES, '{"form": "contact"}')
  if (body instanceof Response) return body
  const { account, ...fields } = body
  const named = { ...fields, ...(routes.operatorName !== undefined && { by: routes.operatorName }) }
  const { discard, problems } = readDiscard(named)
  if (problems.length > 0) return invalid(problems)
  const leads = select(routes, account)
  if (!leads) return unknownAccount(routes.accounts)

  const result = await leads.discard(discard)
  if (result.discarded > 0 && !discard.dryRun) {
    const { by, reason, selector } = discard
    const own = typeof account === 'string' && { account }
    log({ event: 'discarded', leads: result.discarded, by, reason, selector: textsOf(selector), ...own })
    wake()
  }
  return json(result)
}

const DISCARD_FIELDS: readonly string[] = [...SELECTOR_FIELDS, 'account', 'dryRun', 'by', 'reason', 'after']

function readDiscard(body: Record<string, unknown>): { discard: DiscardRequest; problems: FieldProblem[] } {
  const { problems, addIssue } = collectIssues()
  reportUnknown(body, DISCARD_FIELDS, addIssue)
  const { dryRun = true, by = 'operator', reason = '', after } = body
  const selector = readSelector(body, addIssue)
  if (problems.length === 0 && isEmpty(selector)) {
    problems.push({
      field: 'form',
      code: 'required',
      message: `At least one of ${SELECTOR_FIELDS.join(', ')} is required.`,
    })
  }
  if (typeof dryRun !== 'boolean') addIssue('dryRun', 'must be true or false')
  if (dryRun === false && reason === '') addIssue('reason', 'is required, unless dryRun is true')
  checkNotes({ by, reason }, addIssue)
  if (after !== undefined && !(typeof after === 'string' && isPlace(after))) {
    addIssue('after', 'must be the "next" of the previous reply, unchanged')
  }
  const discard = { selector, by, reason, dryRun, ...(after !== undefined && { after }) } as DiscardRequest
  return { discard, problems }
}

function isEmpty(selector: LeadSelector): boolean {
  return Object.keys(selector).length === 0
}
