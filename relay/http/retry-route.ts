/** Handles `POST /v1/retry`: the relay calls Marketo again at once. For holders of the operator's token. */
import { retryNow } from '../admin/retry-now.ts'
import type { Log } from '../monitoring/events.ts'
import { selectAccounts, type OperatorAccounts } from './operator-accounts.ts'
import { json, unknownAccount } from './operator-replies.ts'

interface RetryRoute {
  accounts: OperatorAccounts
  now: () => number
  /** Wakes the dispatcher. */
  wake: () => void
  log: Log
}

/** Handles the request, for all accounts or for that in the query. Its body is not read. */
export async function retryMarketo(request: Request, { accounts, now, wake, log }: RetryRoute): Promise<Response> {
  const account = new URL(request.url).searchParams.get('account') ?? undefined
  const selected = selectAccounts(accounts, account)
  if (!selected) return unknownAccount(accounts)
  const result = await retryNow(selected, now())
  log({ event: 'retry-requested', waiting: result.waiting, ...(account !== undefined && { account }) })
  wake()
  return json(result)
}
