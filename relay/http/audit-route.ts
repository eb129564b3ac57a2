/** Handles `GET /v1/audit`, the list of what operators did, for holders of an operator's token. */
import { createAuditLog, MAX_ACTS } from '../admin/audit-log.ts'
import type { ActStore } from '../outbox/acts.ts'
import { collectIssues, reportUnknown } from './operator-fields.ts'
import { invalid, json } from './operator-replies.ts'

/** Number of acts if `limit` is not given. */
const DEFAULT_LIMIT = 50

/** Handles the request. */
export async function listAudit(request: Request, { acts }: { acts: ActStore }): Promise<Response> {
  const fields = Object.fromEntries(new URL(request.url).searchParams)
  const { problems, addIssue } = collectIssues()
  reportUnknown(fields, ['limit', 'before'], addIssue)
  const { limit = String(DEFAULT_LIMIT), before } = fields
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_ACTS) {
    addIssue('limit', `must be a whole number from 1 to ${MAX_ACTS}`)
  }
  if (before !== undefined && !/^\d{1,15}$/.test(before)) {
    addIssue('before', 'must be the "next" of the previous reply, unchanged')
  }
  if (problems.length > 0) return invalid(problems)
  return json(await createAuditLog(acts).list(Number(limit), before === undefined ? undefined : Number(before)))
}
