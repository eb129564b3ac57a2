/**
 * Opens the admin service of a relay at a URL, through its addresses for operators.
 *
 * It sends the token to that URL only.
 */
import type { ActPage, AuditLog } from '../admin/audit-log.ts'
import type { FormHolds, HoldResult, ListedHold } from '../admin/form-holds.ts'
import type { EraseResult, FoundPage, Persons } from '../admin/persons.ts'
import type { ParkedLeads, ListQuery, ParkedPage, ReplayRequest, ReplayStep } from '../admin/parked-leads.ts'
import type { ExportedLead } from '../admin/export-leads.ts'
import type { LeadDetails, ShownLead } from '../admin/lead-details.ts'
import type { ListedState } from '../outbox/outbox.ts'
import type { HeldLeads, HeldPage } from '../admin/held-leads.ts'
import type { RetryResult } from '../admin/retry-now.ts'
import { textsOf } from '../admin/selector.ts'
import type { DiscardResult, Survey, WaitingLeads } from '../admin/waiting-leads.ts'
import { NO_SUCH_LEAD } from '../http/lead-route.ts'
import { AdminError, type OpenAdmin, type RelayState } from './admin-source.ts'
import { ownName } from './own-name.ts'

/** Maximum time for one request, in ms. Replaying 200 leads takes less. */
const REQUEST_TIMEOUT_MS = 60_000

/**
 * Creates the service. It sends no request yet.
 *
 * @param url value of `--relay`
 * @param account name of the account to which the service is restricted; all by default
 * @throws {AdminError} if the URL is not valid or there is no token
 */
export function adminOverHttp(url: string, token: string | undefined, account?: string): OpenAdmin {
  const base = checkUrl(url)
  if (!token) throw new AdminError(2, 'FORM_SYNC_CONSOLE_TOKEN is not set; --relay requires the token of that relay')

  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' }

  async function ask(path: string, isExpected: (body: object) => boolean, init: RequestInit = {}): Promise<unknown> {
    const { status, body } = await send(`${base}${path}`, { ...init, headers })
    if (status === 200 && body && isExpected(body)) return body
    throw errorOf(base, status, body)
  }

  const list = async ({ limit, values, after, id }: ListQuery & { id?: string }) => {
    const query = queryOf({ limit, values: Number(values), after, id, account })
    return (await ask(`/v1/parked?${query}`, isPage)) as ParkedPage
  }

  const parkedLeads: ParkedLeads = {
    list,
    find: async (id, values) => (await list({ id, limit: 1, values })).parked[0],
    async replay(request: ReplayRequest) {
      return (await ask('/v1/replay', isStep, {
        method: 'POST',
        body: JSON.stringify({ by: ownName(), ...request, account }),
      })) as ReplayStep
    },
  }
  const heldLeads: HeldLeads = {
    async list({ limit, selector, after, values }) {
      const query = queryOf({ ...textsOf(selector), limit, values: Number(values), after, account })
      return (await ask(`/v1/held?${query}`, isHeldPage)) as HeldPage
    },
  }
  const retryNow = async () => {
    const query = queryOf({ by: ownName(), account })
    return (await ask(`/v1/retry?${query}`, isRetryResult, { method: 'POST' })) as RetryResult
  }
  const waitingLeads: WaitingLeads = {
    async survey(selector, by) {
      const query = queryOf({ by, ...textsOf(selector), account })
      return (await ask(`/v1/waiting?${query}`, isSurvey)) as Survey
    },
    async discard({ selector, ...rest }) {
      const body = JSON.stringify({ ...textsOf(selector), ...rest, account })
      return (await ask('/v1/discard', isDiscardResult, { method: 'POST', body })) as DiscardResult
    },
  }
  const find = async (body: object) =>
    (await ask('/v1/find', isFound, { method: 'POST', body: JSON.stringify({ ...body, account }) })) as FoundPage
  const persons: Persons = {
    find: (email, after) => find({ email, after }),
    findLead: (id, after) => find({ id, after }),
    async erase(request) {
      const body = JSON.stringify({ ...request, account })
      return (await ask('/v1/erase', isEraseResult, { method: 'POST', body })) as EraseResult
    },
  }
  const formHolds: FormHolds = {
    list: async () => (await ask('/v1/hold', isHoldList)) as { forms: ListedHold[] },
    async set(form, hold) {
      const body = JSON.stringify({ form, ...(hold ?? { off: true, by: ownName() }) })
      return (await ask('/v1/hold', isHoldResult, { method: 'POST', body })) as HoldResult
    },
  }
  const auditLog: AuditLog = {
    async list(limit, before) {
      return (await ask(`/v1/audit?${queryOf({ limit, before })}`, isActPage)) as ActPage
    },
  }
  const leadDetails: LeadDetails = {
    async show(id, values) {
      const query = queryOf({ id, values: Number(values), account })
      const reply = await send(`${base}/v1/lead?${query}`, { headers })
      if (reply.status === 200 && reply.body && isShownLead(reply.body)) return reply.body
      if (reply.status === 404 && detailOf(reply.body) === NO_SUCH_LEAD) return undefined
      throw errorOf(base, reply.status, reply.body)
    },
  }
  const status = async () => {
    const reply = await send(`${base}/readyz`, { headers })
    if ((reply.status === 200 || reply.status === 503) && reply.body && isState(reply.body)) return reply.body
    throw errorOf(base, reply.status, reply.body)
  }
  async function* exportLeads(states: readonly ListedState[]): AsyncGenerator<ExportedLead> {
    for (const state of states) {
      let after: string | undefined
      do {
        const query = queryOf({ state, after, account })
        const page = (await ask(`/v1/export?${query}`, isExport)) as { leads: ExportedLead[]; next?: string }
        yield* page.leads
        after = page.next
      } while (after !== undefined)
    }
  }
  return {
    auditLog,
    leadDetails,
    status,
    exportLeads,
    parkedLeads,
    heldLeads,
    waitingLeads,
    formHolds,
    persons,
    retryNow,
    deliveryNote: 'The relay sends them now.',
    remainsNote: 'Where wiped data may still be for a while: docs/storage.md, "What wiped means".',
    close: () => {},
  }
}

/** Returns the query of the fields that have a value. */
function queryOf(fields: Readonly<Record<string, string | number | undefined>>): URLSearchParams {
  const given = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return new URLSearchParams(given)
}

/** Returns the URL without a slash at its end. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new AdminError(2, `--relay must be a URL such as https://forms.acme.example, not "${text}"`)
  }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isLocal) {
    throw new AdminError(2, '--relay must use https, because the token and the leads would be sent unencrypted')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

async function send(url: string, init: RequestInit): Promise<{ status: number; body: object | undefined }> {
  let response
  let text
  try {
    // Not followed, because a redirect would send the token to another address.
    response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    text = await response.text()
  } catch (error) {
    const { message, cause } = error as Error
    const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message
    throw new AdminError(1, `${new URL(url).origin} does not respond: ${reason}`, { cause: error })
  }
  return { status: response.status, body: parseObject(text) }
}

function parseObject(text: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

function isPage(body: object): boolean {
  const { total, parked } = body as Partial<ParkedPage>
  return typeof total === 'number' && Array.isArray(parked)
}

function isHeldPage(body: object): boolean {
  return Array.isArray((body as Partial<HeldPage>).held)
}

function isRetryResult(body: object): boolean {
  const { waiting, quotaSpent } = body as Partial<RetryResult>
  return typeof waiting === 'number' && typeof quotaSpent === 'boolean'
}

function isStep(body: object): boolean {
  const { seen, results } = body as Partial<ReplayStep>
  return typeof seen === 'number' && Array.isArray(results)
}

function isSurvey(body: object): boolean {
  return Array.isArray((body as Partial<Survey>).groups)
}

function isDiscardResult(body: object): boolean {
  const { discarded, underWay } = body as Partial<DiscardResult>
  return typeof discarded === 'number' && typeof underWay === 'number'
}

function isActPage(body: object): boolean {
  return Array.isArray((body as Partial<ActPage>).acts)
}

function isShownLead(body: object): body is ShownLead {
  const { id, state } = body as Partial<ShownLead>
  return typeof id === 'string' && typeof state === 'string'
}

function isState(body: object): body is RelayState {
  return typeof (body as Partial<RelayState>).ready === 'boolean'
}

function isExport(body: object): boolean {
  return Array.isArray((body as { leads?: unknown }).leads)
}

function isFound(body: object): boolean {
  return Array.isArray((body as Partial<FoundPage>).rows)
}

function isEraseResult(body: object): boolean {
  const { receipts, underWay } = body as Partial<EraseResult>
  return typeof receipts === 'number' && typeof underWay === 'number'
}

function isHoldList(body: object): boolean {
  return Array.isArray((body as Partial<{ forms: unknown }>).forms)
}

function isHoldResult(body: object): boolean {
  const { on, held } = body as Partial<HoldResult>
  return typeof on === 'boolean' && typeof held === 'number'
}

/** Returns what a reply says about a problem. */
function detailOf(body: object | undefined): unknown {
  return body && 'detail' in body ? body.detail : undefined
}

function errorOf(base: string, status: number, body: object | undefined): AdminError {
  const detail = detailOf(body)
  if (status === 401)
    return new AdminError(2, `${base} rejected the FORM_SYNC_CONSOLE_TOKEN; set the one of that relay`)
  if (status === 404 && body) {
    const advice = 'Set FORM_SYNC_OPERATORS or FORM_SYNC_CONSOLE_TOKEN for that relay and restart it.'
    return new AdminError(1, `${base} does not serve the addresses for operators. ${advice}`)
  }
  if (status === 422 && typeof detail === 'string') return new AdminError(2, detail)
  const explanation = typeof detail === 'string' ? `: ${detail}` : ', which is not a reply of a relay'
  return new AdminError(1, `${base} returned HTTP ${status}${explanation}`)
}
