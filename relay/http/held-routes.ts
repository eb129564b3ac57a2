/**
 * Handles `GET /v1/held`, the list of held leads, for holders of the operator's token. They are released by `POST /v1/replay`
 * with their ids, and discarded by `POST /v1/discard` with the state `held`.
 */
import { createHeldLeads, HELD_SELECTOR_FIELDS, readHeldCursor, type HeldQuery } from '../admin/held-leads.ts'
import { MAX_PAGE } from '../admin/parked-leads.ts'
import { readSelector } from '../admin/selector.ts'
import type { FieldProblem } from '../protocol.ts'
import { selectOutbox, type OperatorAccounts } from './operator-accounts.ts'
import { collectIssues, reportUnknown } from './operator-fields.ts'
import { invalid, json, unknownAccount } from './operator-replies.ts'

/** Number of leads that are examined if `limit` is not given. */
const DEFAULT_LIMIT = 50

interface HeldRoutes {
  accounts: OperatorAccounts
  /** Returns epoch milliseconds. */
  now: () => number
}

/** Handles `GET /v1/held`. */
export async function listHeld(request: Request, { accounts, now }: HeldRoutes): Promise<Response> {
  const { account, ...fields } = Object.fromEntries(new URL(request.url).searchParams)
  const { query, problems } = readQuery(fields)
  if (problems.length > 0) return invalid(problems)
  const outbox = selectOutbox(accounts, account)
  return outbox ? json(await createHeldLeads(outbox, now).list(query)) : unknownAccount(accounts)
}

function readQuery(fields: Record<string, string>): { query: HeldQuery; problems: FieldProblem[] } {
  const { problems, addIssue } = collectIssues()
  reportUnknown(fields, [...HELD_SELECTOR_FIELDS, 'limit', 'after', 'values', 'account'], addIssue)
  const { limit = String(DEFAULT_LIMIT), after, values = '0', ...conditions } = fields
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE) {
    addIssue('limit', `must be a whole number from 1 to ${MAX_PAGE}`)
  }
  if (after !== undefined && !readHeldCursor(after))
    addIssue('after', 'must be the "next" of the previous reply, unchanged')
  if (values !== '0' && values !== '1') addIssue('values', 'must be 0 or 1')
  const selector = readSelector(conditions, addIssue)
  const query = { limit: Number(limit), values: values === '1', selector, ...(after !== undefined && { after }) }
  return { query, problems }
}
