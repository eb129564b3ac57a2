/** Lists the operations of the REST API, and finds the one of a request. */
import { addCustomActivities, getActivities, getActivityTypes, getPagingToken } from './activities.ts'
import { associateLead } from './associate-lead.ts'
import { describeLead, describeLead2 } from './describe.ts'
import { getErrors, getPartitions, getUsage } from './get-account.ts'
import { getForm, getFormFields } from './get-forms.ts'
import { getLeadById, getLeadsByFilter } from './get-leads.ts'
import type { Operation } from './operation.ts'
import { addToList, getList, getListLeads, getLists, isMemberOfList, removeFromList } from './static-lists.ts'
import { submitForm } from './submit-form.ts'
import { syncLeads } from './sync-leads.ts'

const OPERATIONS: readonly Operation[] = [
  syncLeads,
  associateLead,
  submitForm,
  getLeadById,
  getLeadsByFilter,
  describeLead,
  describeLead2,
  getPartitions,
  getForm,
  getFormFields,
  getUsage,
  getErrors,
  getLists,
  getList,
  getListLeads,
  addToList,
  removeFromList,
  isMemberOfList,
  getActivityTypes,
  getPagingToken,
  getActivities,
  addCustomActivities,
]

/** Names of all operations, with the request for a token. */
export const REST_OPERATIONS: readonly string[] = ['identity', ...OPERATIONS.map(({ name }) => name)]

/** Returns the operation of a request with the parameters in its path, or the reason why there is none. */
export function findOperation(
  method: string,
  path: string,
): { operation: Operation; parameters: string[] } | 'no-such-method' | 'no-such-resource' {
  const atPath = OPERATIONS.filter((operation) => operation.path.test(path))
  const operation = atPath.find((candidate) => candidate.method === method)
  if (!operation) return atPath.length > 0 ? 'no-such-method' : 'no-such-resource'
  return { operation, parameters: operation.path.exec(path)?.slice(1) ?? [] }
}
