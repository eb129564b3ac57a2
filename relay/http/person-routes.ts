/**
 * Handles `POST /v1/find` and `POST /v1/erase`, the admin service of persons over HTTP, for holders of the operator's token.
 * The address is in the body alone, because URLs are logged. Nothing that identifies a person is logged or replied.
 */
import { createPersons, type Persons } from '../admin/persons.ts'
import { readAddress } from '../intake/address.ts'
import type { Log } from '../monitoring/events.ts'
import { readJsonBody } from './json-body.ts'
import { accountIn, selectOutbox, type OperatorRequest } from './operator-accounts.ts'
import { checkNotes, collectIssues, reportUnknown, type AddIssue } from './operator-fields.ts'
import { invalid, json, unknownAccount } from './operator-replies.ts'

/** Maximum size of a request body, in bytes. */
const MAX_BODY_BYTES = 4 * 1024

/** Maximum length of an id, in characters. */
const MAX_ID_LENGTH = 64

/** A place in the rows of a person, also of several outboxes together. */
const PLACE = /^(\d{1,3}:){0,3}\d{0,16}$/

interface PersonRoutes extends OperatorRequest {
  /** Returns epoch milliseconds. */
  now: () => number
  /** Wakes all dispatchers. */
  wake: () => void
  log: Log
}

/** Returns the admin service of all accounts, or of one; undefined when there is no such account. */
function select({ accounts, now, recorderFor }: PersonRoutes, account: unknown): Persons | undefined {
  const name = accountIn(account)
  const outbox = selectOutbox(accounts, name)
  return outbox && createPersons(outbox, now, recorderFor(name))
}

/** Handles `POST /v1/find`. */
export async function findPerson(request: Request, routes: PersonRoutes): Promise<Response> {
  const body = await readJsonBody(request, MAX_BODY_BYTES, '{"email": "ana@acme.example"}')
  if (body instanceof Response) return body
  const { email, id, account, after } = body
  const { problems, addIssue } = collectIssues()
  reportUnknown(body, ['email', 'id', 'account', 'after'], addIssue)
  if (id === undefined) checkAddress(email, addIssue)
  else if (email !== undefined) addIssue('id', 'cannot be given with email')
  else if (typeof id !== 'string' || id.length > MAX_ID_LENGTH) {
    addIssue('id', `must be text of up to ${MAX_ID_LENGTH} characters`)
  }
  const isPlace = after === undefined || (typeof after === 'string' && PLACE.test(after))
  if (!isPlace) addIssue('after', 'must be the "next" of the previous reply, unchanged')
  if (problems.length > 0) return invalid(problems)
  const persons = select(routes, account)
  if (!persons) return unknownAccount(routes.accounts)
  return json(
    id === undefined
      ? await persons.find(email as string, after as string | undefined)
      : await persons.findLead(id as string, after as string | undefined),
  )
}

/** Handles `POST /v1/erase`. */
export async function erasePerson(request: Request, routes: PersonRoutes): Promise<Response> {
  const body = await readJsonBody(request, MAX_BODY_BYTES, '{"email": "ana@acme.example"}')
  if (body instanceof Response) return body
  const { email, account, dryRun = true, by = 'operator' } = body
  const { problems, addIssue } = collectIssues()
  reportUnknown(body, ['email', 'account', 'dryRun', 'by'], addIssue)
  checkAddress(email, addIssue)
  if (typeof dryRun !== 'boolean') addIssue('dryRun', 'must be true or false')
  checkNotes({ by }, addIssue)
  if (problems.length > 0) return invalid(problems)
  const persons = select(routes, account)
  if (!persons) return unknownAccount(routes.accounts)

  const erasing = { email: email as string, by: routes.operatorName ?? (by as string), dryRun: dryRun as boolean }
  const result = await persons.erase(erasing)
  if (!erasing.dryRun) {
    const { dryRun: _, more: _m, ...counts } = result
    const own = typeof account === 'string' && { account }
    routes.log({ event: 'erased', by: erasing.by, ...counts, ...own })
    routes.wake()
  }
  return json(result)
}

function checkAddress(email: unknown, addIssue: AddIssue): void {
  if (typeof email !== 'string' || readAddress(email) === undefined) {
    addIssue('email', 'must be an address such as ana@acme.example')
  }
}
