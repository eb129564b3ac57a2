/** The operations for programs: each is checked, called, and comes to a result or to a MarketoError. */
import { createCall, USUAL_TIMEOUT, type Caller } from './call.ts'
import { errorOf, inputError, MarketoError } from './error.ts'
import type { InputProblem } from './operations/check.ts'
import { describeMObject, type DescribeMObject, type MObject } from './operations/describe-m-object.ts'
import { getLead, type GetLeadResult } from './operations/get-lead.ts'
import type { LeadKey } from './operations/lead-key.ts'
import { listMObjects } from './operations/list-m-objects.ts'
import { listOperation, type ListOperation, type ListOperationResult } from './operations/list-operation.ts'
import type { Operation } from './operations/operation.ts'
import { requestCampaign, type RequestCampaign } from './operations/request-campaign.ts'
import { syncLead, type SyncLead, type SyncLeadResult, type SyncStatus } from './operations/sync-lead.ts'
import { syncMultipleLeads, type SyncMultipleLeads } from './operations/sync-multiple-leads.ts'

/** For one call. */
export interface CallOptions {
  /** Milliseconds until the call is given up, 1 to 2,147,483,647; a second key's try is within it. */
  timeout?: number | undefined
  /** Aborting it gives the call up: `aborted`. */
  signal?: AbortSignal | undefined
}

/** For all calls. */
export interface ClientOptions extends Caller {
  /** Milliseconds; the default is 90,000: some syncLeads have been seen to take that long. */
  timeout?: number | undefined
  /** Marketo's `targetWorkspace` for each syncLead that names none. The other operations do not know it. */
  workspace?: string | undefined
}

/** Every method rejects with a MarketoError, and with nothing else. */
export interface Marketo {
  /** Creates or updates one person. FAILED is a status of the result, not an error. */
  syncLead(lead: SyncLead, options?: CallOptions): Promise<SyncLeadResult>
  /** Creates or updates up to 300 people; a status for each, in their order. It takes no cookies. */
  syncMultipleLeads(leads: SyncMultipleLeads, options?: CallOptions): Promise<SyncStatus[]>
  /** Everyone whom the key means; a count of 0 when that is nobody. */
  getLead(key: LeadKey, options?: CallOptions): Promise<GetLeadResult>
  /** An object's fields. */
  describeMObject(object: DescribeMObject, options?: CallOptions): Promise<MObject>
  /** The names of the objects that can be described. The cheapest way to see that key and address are right. */
  listMObjects(options?: CallOptions): Promise<string[]>
  /** Runs a campaign for up to 100 people. One that is asked for twice runs twice. */
  requestCampaign(request: RequestCampaign, options?: CallOptions): Promise<{ success: boolean }>
  /** Puts up to 1,000 people on a static list, takes them off, or asks who is on it. */
  listOperation(request: ListOperation, options?: CallOptions): Promise<ListOperationResult>
}

/** The most that a timer takes; more, and it fires at once. */
const MAX_TIMEOUT = 2 ** 31 - 1
const NOT_FOUND = '20103'

/** @throws {TypeError} for an endpoint that is no address of the web, and for an empty user id or key */
export function createClient(options: ClientOptions): Marketo {
  const run = createRun(options)
  return {
    syncLead: (lead, limits) => run(syncLead, lead, limits, lead?.workspace ?? options.workspace),
    syncMultipleLeads: (leads, limits) => run(syncMultipleLeads, leads, limits),
    async getLead(key, limits) {
      try {
        return await run(getLead, key, limits)
      } catch (error) {
        // Nobody is an answer, for whoever asks who there is.
        if (error instanceof MarketoError && error.code === NOT_FOUND) return { count: 0, leadRecords: [] }
        throw error
      }
    },
    describeMObject: (object, limits) => run(describeMObject, object, limits),
    listMObjects: (limits) => run(listMObjects, {}, limits),
    requestCampaign: (request, limits) => run(requestCampaign, request, limits),
    listOperation: (request, limits) => run(listOperation, request, limits),
  }
}

/** The same with syncLead alone, so that a bundle carries no other operation. Throws as the whole client does. */
export function createLeadClient(options: ClientOptions): Pick<Marketo, 'syncLead'> {
  const run = createRun(options)
  return { syncLead: (lead, limits) => run(syncLead, lead, limits, lead?.workspace ?? options.workspace) }
}

/** What `syncLead` would reject this lead with before anything is sent; undefined where nothing stands against it. */
export function checkLead(lead: unknown): MarketoError | undefined {
  const problems = problemsOf(syncLead, lead)
  return problems.length > 0 ? inputError(syncLead.name, problems) : undefined
}

function problemsOf<Input>(operation: Operation<Input, unknown>, input: unknown): InputProblem[] {
  const problems: InputProblem[] = []
  operation.check(input, (field, message) => problems.push({ field, message }))
  return problems
}

/** Checks, calls, and makes a result or an error of what came back. */
function createRun({ timeout: usual = USUAL_TIMEOUT, ...caller }: ClientOptions) {
  const host = hostOf(caller.endpoint)
  for (const name of ['userId', 'secretKey'] as const) if (!caller[name]) throw new TypeError(`${name} is empty`)
  const call = createCall(caller)

  return async function run<Input, Result>(
    operation: Operation<Input, Result>,
    input: Input,
    { timeout = usual, signal }: CallOptions = {},
    workspace?: string,
  ): Promise<Result> {
    const problems = problemsOf(operation, input)
    if (!(timeout >= 1 && timeout <= MAX_TIMEOUT)) {
      problems.push({ field: 'timeout', message: `must be milliseconds from 1 to ${MAX_TIMEOUT}` })
    }
    if (problems.length > 0) throw inputError(operation.name, problems)

    const outcome = await call(operation, input, { timeout, signal, workspace })
    if (outcome.kind === 'done') return outcome.result
    throw errorOf(operation.name, outcome, host)
  }
}

/** The message quotes no address: it may hold a password. */
function hostOf(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new TypeError('endpoint must be an address such as https://123-ABC-456.mktoapi.com/soap/mktows/3_1')
  }
  return url.host
}
