/** Handles `GET /v1/export`: undelivered leads with their personal data, a page at a time, for operators who may act. */
import { exportPage } from '../admin/export-leads.ts'
import { readHeldCursor, writeHeldCursor } from '../admin/held-leads.ts'
import { MAX_PAGE } from '../admin/parked-leads.ts'
import { isState, STATES } from '../admin/selector.ts'
import { selectOutbox, type OperatorAccounts } from './operator-accounts.ts'
import { collectIssues, reportUnknown } from './operator-fields.ts'
import { invalid, json, unknownAccount } from './operator-replies.ts'

/** Handles the request. */
export async function exportState(request: Request, { accounts }: { accounts: OperatorAccounts }): Promise<Response> {
  const fields = Object.fromEntries(new URL(request.url).searchParams)
  const { problems, addIssue } = collectIssues()
  reportUnknown(fields, ['state', 'account', 'after'], addIssue)
  const { state = '', account, after } = fields
  const position = after === undefined ? undefined : readHeldCursor(after)
  if (after !== undefined && !position) addIssue('after', 'must be the "next" of the previous reply, unchanged')
  if (!isState(state)) addIssue('state', `must be one of ${STATES.join(', ')}`)
  if (problems.length > 0 || !isState(state)) return invalid(problems)
  const outbox = selectOutbox(accounts, account)
  if (!outbox) return unknownAccount(accounts)
  const { leads, next } = await exportPage(outbox, state, MAX_PAGE, position)
  return json({ leads, ...(next && { next: writeHeldCursor(next) }) })
}
