/**
 * The typed client: checks an input, makes the call, and returns its result or throws a `MarketoError`.
 *
 * It reads no global and has no state of its own. It does not retry, log or store anything.
 */
import { createCall, DEFAULT_TIMEOUT_MS, type CallConfig } from './call.ts'
import { createCallError, createInputError } from './error.ts'
import type { CallOptions, Marketo } from './marketo.ts'
import { MarketoError } from './marketo-error.ts'
import type { InputProblem } from './operations/check.ts'
import { describeMObject } from './operations/describe-m-object.ts'
import { getLead } from './operations/get-lead.ts'
import { listMObjects } from './operations/list-m-objects.ts'
import { listOperation } from './operations/list-operation.ts'
import type { Operation } from './operations/operation.ts'
import { requestCampaign } from './operations/request-campaign.ts'
import { syncLead } from './operations/sync-lead.ts'
import { syncMultipleLeads } from './operations/sync-multiple-leads.ts'

/** Options of a client, with all that it needs from the runtime. */
export interface ClientOptions extends CallConfig {
  /**
   * Timeout of each call in milliseconds, from 1 to 2,147,483,647. Defaults to 90,000, because some syncLead calls have
   * been seen to take that long.
   */
  timeout?: number | undefined
  /** Marketo's `targetWorkspace` for each `syncLead` that names none. The other operations do not accept one. */
  workspace?: string | undefined
}

/** Maximum delay of a timer, in milliseconds. A longer one would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
/** Fault "Lead Not Found". */
const LEAD_NOT_FOUND = '20103'

/**
 * Creates a client with all operations.
 *
 * @throws {TypeError} When `endpoint` is not an http or https URL or contains a user name or password, or when `userId`
 *   or `secretKey` is empty.
 */
export function createClient(options: ClientOptions): Marketo {
  const run = createRun(options)
  return {
    syncLead: (lead, callOptions) => run(syncLead, lead, callOptions, lead?.workspace ?? options.workspace),
    syncMultipleLeads: (leads, callOptions) => run(syncMultipleLeads, leads, callOptions),
    async getLead(key, callOptions) {
      try {
        return await run(getLead, key, callOptions)
      } catch (error) {
        if (error instanceof MarketoError && error.code === LEAD_NOT_FOUND) return { count: 0, leadRecords: [] }
        throw error
      }
    },
    describeMObject: (object, callOptions) => run(describeMObject, object, callOptions),
    listMObjects: (callOptions) => run(listMObjects, {}, callOptions),
    requestCampaign: (request, callOptions) => run(requestCampaign, request, callOptions),
    listOperation: (request, callOptions) => run(listOperation, request, callOptions),
  }
}

/**
 * Creates a client with `syncLead` alone, so that a bundle carries no other operation.
 *
 * @throws {TypeError} Under the same conditions as `createClient`.
 */
export function createLeadClient(options: ClientOptions): Pick<Marketo, 'syncLead'> {
  const run = createRun(options)
  return {
    syncLead: (lead, callOptions) => run(syncLead, lead, callOptions, lead?.workspace ?? options.workspace),
  }
}

/** Returns the error that `syncLead` would reject this lead with before it sends anything; undefined if it is valid. */
export function checkLead(lead: unknown): MarketoError | undefined {
  const problems = findProblems(syncLead, lead)
  return problems.length > 0 ? createInputError(syncLead.name, problems) : undefined
}

function findProblems<Input>(operation: Operation<Input, unknown>, input: unknown): InputProblem[] {
  const problems: InputProblem[] = []
  operation.check(input, (field, message) => problems.push({ field, message }))
  return problems
}

/** Creates the function that checks an input, makes the call, and returns its result or throws. */
function createRun({ timeout: defaultTimeout = DEFAULT_TIMEOUT_MS, ...config }: ClientOptions) {
  const host = parseHost(config.endpoint)
  for (const name of ['userId', 'secretKey'] as const) {
    if (!config[name]) throw new TypeError(`${name} must not be empty`)
  }
  const call = createCall(config)

  return async function run<Input, Result>(
    operation: Operation<Input, Result>,
    input: Input,
    { timeout = defaultTimeout, signal }: CallOptions = {},
    workspace?: string,
  ): Promise<Result> {
    const problems = findProblems(operation, input)
    if (!(timeout >= 1 && timeout <= MAX_TIMEOUT_MS)) {
      problems.push({ field: 'timeout', message: `must be from 1 to ${MAX_TIMEOUT_MS} milliseconds` })
    }
    if (problems.length > 0) throw createInputError(operation.name, problems)

    const result = await call(operation, input, { timeout, signal, workspace })
    if (result.kind === 'done') return result.result
    throw createCallError(operation.name, result, host)
  }
}

/** Returns the host of an endpoint. The error's message does not quote the endpoint, which may contain a password. */
function parseHost(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new TypeError(
      'endpoint must be an http or https URL without user name and password, ' +
        'such as https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
    )
  }
  return url.host
}
