/**
 * The routes of operators, by path and method. The app sends all requests for `/v1/` here that are not for servers.
 *
 * A file of its own, because the Worker loads it with the first request of an operator.
 */
import { FIRST_ACCOUNT } from '../account-name.ts'
import { createParkedLeads } from '../admin/parked-leads.ts'
import type { Form } from '../config/forms.ts'
import { settingsOf } from '../intake/form-settings.ts'
import type { Log } from '../monitoring/events.ts'
import type { SharedOutbox } from '../outbox/sharding.ts'
import type { OperatorAccounts } from './operator-accounts.ts'
import { listParked, replayParked, type ParkedRoutesOptions } from './parked-routes.ts'
import { problem } from './responses.ts'
import { retryMarketo } from './retry-route.ts'
import { discardWaiting, surveyWaiting } from './waiting-routes.ts'

export interface OperatorRoutes extends ParkedRoutesOptions {
  /** The outboxes of several accounts by name, if there are several. */
  accounts?: OperatorAccounts | undefined
  forms: ReadonlyMap<string, Form>
  /** Returns epoch milliseconds. */
  now: () => number
  /** Wakes all dispatchers. */
  wake: () => void
  log: Log
}

/** Answers a request of an operator; resolves with undefined if there is no such route. */
export async function answerOperator(request: Request, operator: OperatorRoutes): Promise<Response | undefined> {
  const { keys, outbox, accounts = new Map([[FIRST_ACCOUNT, outbox]]), forms, now, wake, log, movesLeads } = operator
  const settings = settingsOf(forms.values())
  const routes = {
    keys,
    accounts,
    now,
    wake,
    log,
    parkedLeadsIn: (of: SharedOutbox) => createParkedLeads(of, now, settings, movesLeads),
  }
  const isGet = request.method === 'GET' || request.method === 'HEAD'
  const isPost = request.method === 'POST'
  switch (new URL(request.url).pathname) {
    case '/v1/parked':
      return isGet ? listParked(request, routes) : notAllowed('List the parked leads with GET.', 'GET, HEAD')
    case '/v1/replay':
      return isPost ? replayParked(request, routes) : notAllowed('Replay parked leads with POST, as JSON.', 'POST')
    case '/v1/retry':
      return isPost
        ? retryMarketo(request, routes)
        : notAllowed('Make the relay call Marketo at once with POST.', 'POST')
    case '/v1/waiting':
      return isGet ? surveyWaiting(request, routes) : notAllowed('Count the undelivered leads with GET.', 'GET, HEAD')
    case '/v1/discard':
      return isPost ? discardWaiting(request, routes) : notAllowed('Discard leads with POST, as JSON.', 'POST')
    default:
      return undefined
  }
}

function notAllowed(detail: string, allow: string): Response {
  return problem('method', detail, { allow })
}
