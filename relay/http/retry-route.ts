/** Handles `POST /v1/retry`: the relay calls Marketo again at once. For holders of the operator's token. */
import { retryNow } from '../admin/retry-now.ts'
import type { Log } from '../monitoring/events.ts'
import { selectAccounts, type OperatorRequest } from './operator-accounts.ts'
import { checkNotes, collectIssues } from './operator-fields.ts'
import { invalid, json, unknownAccount } from './operator-replies.ts'

interface RetryRoute extends OperatorRequest {
  now: () => number
  /** Wakes the dispatcher. */
  wake: () => void
  log: Log
}

/** Handles the request, for all accounts or for that in the query. Its body is not read. */
export async function retryMarketo(
  request: Request,
  { accounts, now, wake, log, recorderFor, operatorName }: RetryRoute,
): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const account = searchParams.get('account') ?? undefined
  const by = searchParams.get('by') ?? undefined
  const { problems, addIssue } = collectIssues()
  if (by !== undefined) checkNotes({ by }, addIssue)
  if (problems.length > 0) return invalid(problems)
  const selected = selectAccounts(accounts, account)
  if (!selected) return unknownAccount(accounts)
  const result = await retryNow(selected, now(), recorderFor(account), { by })
  log({
    event: 'retry-requested',
    waiting: result.waiting,
    by: operatorName ?? by ?? 'operator',
    ...(account !== undefined && { account }),
  })
  wake()
  return json(result)
}
