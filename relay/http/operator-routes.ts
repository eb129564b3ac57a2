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
import { exportState } from './export-route.ts'
import { showLead } from './lead-route.ts'
import { holdForm } from './hold-routes.ts'
import type { OperatorAccounts } from './operator-accounts.ts'
import type { KnownOperator } from './operator-tokens.ts'
import { listHeld } from './held-routes.ts'
import { listParked, replayParked, type ParkedRoutesOptions } from './parked-routes.ts'
import { erasePerson, findPerson } from './person-routes.ts'
import { forbidden, unauthorized } from './operator-replies.ts'
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
  /** Methods for which the role `look` is enough. */
  look?: readonly string[]
  /** What to do, in the reply to another method. */
  advice: string
  answer: Answer
}

const GET = ['GET', 'HEAD']
const POST = ['POST']

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['/v1/parked', { methods: GET, look: GET, advice: 'List the parked leads with GET.', answer: listParked }],
  ['/v1/held', { methods: GET, look: GET, advice: 'List the held leads with GET.', answer: listHeld }],
  ['/v1/replay', { methods: POST, advice: 'Replay parked leads with POST, as JSON.', answer: replayParked }],
  ['/v1/retry', { methods: POST, advice: 'Make the relay call Marketo at once with POST.', answer: retryMarketo }],
  ['/v1/audit', { methods: GET, look: GET, advice: 'List what operators did with GET.', answer: listAudit }],
  ['/v1/lead', { methods: GET, look: GET, advice: 'Show a lead with GET.', answer: showLead }],
  ['/v1/export', { methods: GET, advice: 'Export undelivered leads with GET.', answer: exportState }],
  ['/v1/waiting', { methods: GET, look: GET, advice: 'Count the undelivered leads with GET.', answer: surveyWaiting }],
  [
    '/v1/find',
    { methods: POST, look: POST, advice: 'Find the rows of a person with POST, as JSON.', answer: findPerson },
  ],
  ['/v1/erase', { methods: POST, advice: 'Erase a person with POST, as JSON.', answer: erasePerson }],
  [
    '/v1/hold',
    {
      methods: [...GET, ...POST],
      look: GET,
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
  const { methods, look = [], advice, answer } = route
  if (!methods.includes(request.method)) return problem('method', advice, { allow: methods.join(', ') })
  const caller = await identify(operator.keys, request.headers.get('authorization'))
  if (!caller) return unauthorized()
  const refusal = caller.role === 'act' ? undefined : refusalOf(request, look)
  return refusal ?? answer(request, routesOf(operator, caller))
}

/** Resolves with the operator who has sent a request. */
async function identify(
  keys: OperatorRoutes['keys'],
  authorization: string | null,
): Promise<KnownOperator | undefined> {
  if (keys.identify) return keys.identify(authorization)
  return (await keys.admits(authorization)) ? { role: 'act' } : undefined
}

/** Returns the reply to an operator who may only look, if the request does more, or shows what identifies a person. */
function refusalOf({ method, url }: Request, look: readonly string[]): Response | undefined {
  if (!look.includes(method)) return forbidden('This')
  const { searchParams } = new URL(url)
  if ((searchParams.get('values') ?? '0') !== '0') return forbidden('To see values of a lead')
  const isDomain = searchParams.get('by') === 'domain' || searchParams.get('domain') !== null
  return isDomain ? forbidden('To see the domains of addresses') : undefined
}

function routesOf(
  { outbox, accounts, forms, now, wake, log, movesLeads }: OperatorRoutes,
  { name: operatorName }: KnownOperator,
) {
  const all = accounts ?? new Map([[FIRST_ACCOUNT, outbox]])
  // One audit log for all accounts.
  const acts = all.get(FIRST_ACCOUNT) ?? outbox
  const recorderFor = (account?: string) =>
    createRecorder(acts, { ...(operatorName !== undefined && { by: operatorName }), via: 'http', account }, now)
  return {
    accounts: all,
    operatorName,
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
