/** Handles `GET /v1/lead`: one lead in full, whatever its state, for holders of an operator's token. */
import { createLeadDetails } from '../admin/lead-details.ts'
import { selectOutbox, type OperatorAccounts } from './operator-accounts.ts'
import { collectIssues, reportUnknown } from './operator-fields.ts'
import { invalid, json, unknownAccount } from './operator-replies.ts'
import { MAX_NAME_LENGTH } from './replay-edit.ts'
import { problem } from './responses.ts'

/** Detail of the reply where there is no such lead. */
export const NO_SUCH_LEAD = 'No lead has this id.'

/** Handles the request. */
export async function showLead(request: Request, { accounts }: { accounts: OperatorAccounts }): Promise<Response> {
  const fields = Object.fromEntries(new URL(request.url).searchParams)
  const { problems, addIssue } = collectIssues()
  reportUnknown(fields, ['id', 'account', 'values'], addIssue)
  const { id, account, values = '0' } = fields
  if (!id || id.length > MAX_NAME_LENGTH) addIssue('id', `must be text of 1 to ${MAX_NAME_LENGTH} characters`)
  if (values !== '0' && values !== '1') addIssue('values', 'must be 0 or 1')
  if (problems.length > 0) return invalid(problems)
  const outbox = selectOutbox(accounts, account)
  if (!outbox) return unknownAccount(accounts)
  const lead = await createLeadDetails(outbox).show(id!, values === '1')
  return lead ? json(lead) : problem('form', NO_SUCH_LEAD, {})
}
