/** Handles `POST /v1/retry`: the relay calls Marketo again at once. For holders of the operator's token. */
import { retryNow } from '../admin/retry-now.ts'
import type { Log } from '../monitoring/events.ts'
import type { ApiKeys } from './api-keys.ts'
import { selectAccounts, type OperatorAccounts } from './operator-accounts.ts'
import { json, unauthorized, unknownAccount } from './operator-replies.ts'

interface RetryRoute {
  keys: ApiKeys
  accounts: OperatorAccounts
  now: () => number
  /** Wakes the dispatcher. */
  wake: () => void
  log: Log
}

/** Handles the request, for all accounts or for that in the query. Its body is not read. */
export async function retryMarketo(
  request: Request,
  { keys, accounts, now, wake, log }: RetryRoute,
): Promise<Response> {
  if (!(await keys.admits(request.headers.get('authorization')))) return unauthorized()
  const account = new URL(request.url).searchParams.get('account') ?? undefined
  const selected = selectAccounts(accounts, account)
  if (!selected) return unknownAccount(accounts)
  const result = await retryNow(selected, now())
  log({ event: 'retry-requested', waiting: result.waiting, ...(account !== undefined && { account }) })
  wake()
  return json(result)
}
