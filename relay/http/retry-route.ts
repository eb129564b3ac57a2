/** Handles `POST /v1/retry`: the relay calls Marketo again at once. For holders of the operator's token. */
import { retryNow } from '../admin/retry-now.ts'
import type { Log } from '../monitoring/events.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { ApiKeys } from './api-keys.ts'
import { json, unauthorized } from './operator-replies.ts'

interface RetryRoute {
  keys: ApiKeys
  outbox: Pick<Outbox, 'retryNow' | 'status'>
  now: () => number
  /** Wakes the dispatcher. */
  wake: () => void
  log: Log
}

/** Handles the request. Its body is not read. */
export async function retryMarketo(request: Request, { keys, outbox, now, wake, log }: RetryRoute): Promise<Response> {
  if (!(await keys.admits(request.headers.get('authorization')))) return unauthorized()
  const result = await retryNow(outbox, now())
  log({ event: 'retry-requested', waiting: result.waiting })
  wake()
  return json(result)
}
