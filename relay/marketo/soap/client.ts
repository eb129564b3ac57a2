/**
 * The typed client: checks an input, makes the call, and returns its result or throws a `MarketoError`.
 *
 * It reads no global and has no state of its own. It does not retry, log or store anything.
 */
import { createCall, DEFAULT_TIMEOUT_MS, type CallConfig } from './call.ts'
import { createCallError, createInputError } from './error.ts'
import type { CallOptions, SoapMarketo } from './marketo.ts'
import { MarketoError } from './marketo-error.ts'
import type { InputProblem } from './operations/check.ts'
import { describeMObject } from './operations/describe-m-object.ts'
import { getLead } from './operations/get-lead.ts'
import { listMObjects } from './operations/list-m-objects.ts'
import { listOperation } from './operations/list-operation.ts'
import type { Operation, OperationName } from './operations/operation.ts'
import { requestCampaign } from './operations/request-campaign.ts'
import { findLacking, syncLead } from './operations/sync-lead.ts'
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
 * Creates a client with all operations. The caller has checked endpoint and credentials.
 *
 * @throws {TypeError} When `endpoint` is not a URL.
 */
export function createClient(options: ClientOptions): SoapMarketo {
  const run = createRun(options)
  return {
    ...createLeadClient(options, run),
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
 * @throws {TypeError} When `endpoint` is not a URL.
 */
export function createLeadClient(options: ClientOptions, run = createRun(options)): Pick<SoapMarketo, 'syncLead'> {
  return {
    async syncLead(lead, callOptions) {
      refuseProblems('syncLead', findLacking(lead ?? {}, LACKING), 'unsupported')
      return run(syncLead, lead, callOptions, lead?.workspace ?? options.workspace)
    },
  }
}

const LACKING = {
  partition: 'is of REST only; use workspace',
  lookup: 'is of REST only; use email',
}

/** Returns every problem of an input of any type. */
export function findProblems<Input>(
  operation: Pick<Operation<Input, unknown>, 'check'>,
  input: unknown,
): InputProblem[] {
  const problems: InputProblem[] = []
  operation.check(input, (field, message) => problems.push({ field, message }))
  return problems
}

/** Creates the function that checks an input, makes the call, and returns its result or throws. */
function createRun({ timeout: defaultTimeout = DEFAULT_TIMEOUT_MS, ...config }: ClientOptions) {
  const { host } = new URL(config.endpoint)
  const call = createCall(config)

  return async function run<Input, Result>(
    operation: Operation<Input, Result>,
    input: Input,
    { timeout = defaultTimeout, signal, runCall = runAtOnce }: CallOptions = {},
    workspace?: string,
  ): Promise<Result> {
    const problems = findProblems(operation, input)
    refuseProblems(operation.name, [...problems, ...findTimeoutProblem(timeout)])
    return runCall(async () => {
      const result = await call(operation, input, { timeout, signal, workspace })
      if (result.kind === 'done') return result.result
      throw createCallError(operation.name, result, host)
    })
  }
}

/** Throws the error for an input that has problems. */
export function refuseProblems(
  operation: OperationName,
  problems: readonly InputProblem[],
  code?: 'unsupported',
): void {
  if (problems.length > 0) throw createInputError(operation, problems, code)
}

/** Returns the problem of a time-out, if it has one. */
export function findTimeoutProblem(timeout: number): InputProblem[] {
  if (timeout >= 1 && timeout <= MAX_TIMEOUT_MS) return []
  return [{ field: 'timeout', message: `must be from 1 to ${MAX_TIMEOUT_MS} milliseconds` }]
}

export const runAtOnce = <T>(request: () => Promise<T>): Promise<T> => request()
