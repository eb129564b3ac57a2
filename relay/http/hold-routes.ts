/**
 * Handles `GET /v1/hold` and `POST /v1/hold`, the switch that holds all new leads of a form, for holders of the operator's
 * token.
 */
import { createFormHolds, type FormHolds } from '../admin/form-holds.ts'
import type { Log } from '../monitoring/events.ts'
import type { FormHold } from '../outbox/held-forms.ts'
import type { FieldProblem } from '../protocol.ts'
import { readJsonBody } from './json-body.ts'
import { selectOutbox, type OperatorRequest } from './operator-accounts.ts'
import { checkNotes, collectIssues, reportUnknown } from './operator-fields.ts'
import { invalid, json } from './operator-replies.ts'

/** Maximum size of a request body, in bytes. */
const MAX_BODY_BYTES = 4 * 1024

interface HoldRoutes extends OperatorRequest {
  forms: ReadonlyMap<string, unknown>
  /** Returns epoch milliseconds. */
  now: () => number
  log: Log
}

/** Handles both methods. */
export async function holdForm(request: Request, routes: HoldRoutes): Promise<Response> {
  const { accounts, now, recorderFor } = routes
  const holds = createFormHolds(selectOutbox(accounts)!, now, recorderFor())
  return request.method === 'POST' ? setHold(request, holds, routes) : json(await holds.list())
}

async function setHold(
  request: Request,
  holds: FormHolds,
  { forms, log, operatorName }: HoldRoutes,
): Promise<Response> {
  const body = await readJsonBody(request, MAX_BODY_BYTES, '{"form": "contact", "reason": "a flood"}')
  if (body instanceof Response) return body
  const { form, by, hold, problems } = readHold({ ...body, ...(operatorName !== undefined && { by: operatorName }) }, [
    ...forms.keys(),
  ])
  if (problems.length > 0) return invalid(problems)

  const result = await holds.set(form, hold, by)
  if (result.changed) {
    log(hold ? { event: 'form-hold-started', form, ...hold } : { event: 'form-hold-ended', form, by })
  }
  return json(result)
}

interface ReadHold {
  form: string
  by: string
  /** Absent to end it. */
  hold: FormHold | undefined
  problems: FieldProblem[]
}

function readHold(body: Record<string, unknown>, forms: readonly string[]): ReadHold {
  const { problems, addIssue } = collectIssues()
  reportUnknown(body, ['form', 'reason', 'by', 'off'], addIssue)
  const { form, reason = '', by = 'operator', off = false } = body
  // A form that was taken out of the forms file may still be held.
  const isNamed = typeof form === 'string' && (forms.includes(form) || (off === true && form !== ''))
  if (!isNamed) addIssue('form', `must be one of ${forms.join(', ')}`)
  if (typeof off !== 'boolean') addIssue('off', 'must be true or false')
  if (off === false && reason === '') addIssue('reason', 'is required, unless off is true')
  checkNotes({ by, reason }, addIssue)
  const named = { by, reason } as FormHold
  return { form: form as string, by: named.by, hold: off === true ? undefined : named, problems }
}
