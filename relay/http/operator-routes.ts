/**
 * The routes of operators, by path and method. The app sends all requests for `/v1/` here that are not for servers.
 *
 * A file of its own, because the Worker loads it with the first request of an operator.
 */
import { FIRST_ACCOUNT } from '../account-name.ts'
import { createRecorder } from '../admin/audit-log.ts'
import { createParkedLeads } from '../admin/parked-leads.ts'
import type { Form } from '../config/forms.ts'
import { settingsOf } from '../intake/form-settings.ts'
import type { Log } from '../monitoring/events.ts'
import type { SharedOutbox } from '../outbox/sharding.ts'
import { listAudit } from './audit-route.ts'
import { holdForm } from './hold-routes.ts'
import type { OperatorAccounts } from './operator-accounts.ts'
import { listHeld } from './held-routes.ts'
import { listParked, replayParked, type ParkedRoutesOptions } from './parked-routes.ts'
import { erasePerson, findPerson } from './person-routes.ts'
import { unauthorized } from './operator-replies.ts'
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

type Answer = (request: Request, routes: ReturnType<typeof routesOf>) => Promise<Response>

interface Route {
  methods: readonly string[]
  /** What to do, in the reply to another method. */
  advice: string
  answer: Answer
}

const GET = ['GET', 'HEAD']
const POST = ['POST']

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/v1/parked', { methods: GET, advice: 'List the parked leads with GET.', answer: listParked }],
  ['/v1/held', { methods: GET, advice: 'List the held leads with GET.', answer: listHeld }],
  ['/v1/replay', { methods: POST, advice: 'Replay parked leads with POST, as JSON.', answer: replayParked }],
  ['/v1/retry', { methods: POST, advice: 'Make the relay call Marketo at once with POST.', answer: retryMarketo }],
  ['/v1/audit', { methods: GET, advice: 'List what operators did with GET.', answer: listAudit }],
  ['/v1/waiting', { methods: GET, advice: 'Count the undelivered leads with GET.', answer: surveyWaiting }],
  ['/v1/find', { methods: POST, advice: 'Find the rows of a person with POST, as JSON.', answer: findPerson }],
  ['/v1/erase', { methods: POST, advice: 'Erase a person with POST, as JSON.', answer: erasePerson }],
  [
    '/v1/hold',
    {
      methods: [...GET, ...POST],
      advice: 'List the forms whose leads are held with GET; hold one with POST, as JSON.',
      answer: holdForm,
    },
  ],
  ['/v1/discard', { methods: POST, advice: 'Discard leads with POST, as JSON.', answer: discardWaiting }],
])

/** Answers a request of an operator; resolves with undefined if there is no such route. */
export async function answerOperator(request: Request, operator: OperatorRoutes): Promise<Response | undefined> {
  const route = ROUTES.get(new URL(request.url).pathname)
  if (!route) return undefined
  const { methods, advice, answer } = route
  if (!methods.includes(request.method)) return problem('method', advice, { allow: methods.join(', ') })
  if (!(await operator.keys.admits(request.headers.get('authorization')))) return unauthorized()
  return answer(request, routesOf(operator))
}

function routesOf({ outbox, accounts, forms, now, wake, log, movesLeads }: OperatorRoutes) {
  const all = accounts ?? new Map([[FIRST_ACCOUNT, outbox]])
  // One audit log for all accounts.
  const acts = all.get(FIRST_ACCOUNT) ?? outbox
  const recorderFor = (account?: string) => createRecorder(acts, { via: 'http', account }, now)
  return {
    accounts: all,
    acts,
    recorderFor,
    forms,
    now,
    wake,
    log,
    parkedLeadsIn: (of: SharedOutbox, account?: string) =>
      createParkedLeads(of, now, recorderFor(account), settingsOf(forms.values()), movesLeads),
  }
}
