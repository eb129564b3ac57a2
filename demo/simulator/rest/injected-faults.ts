/**
 * Applies the injected faults that change an answer of the REST API. Those of connection and time are in
 * `serve-call.ts`.
 *
 * A fault of the first kind comes before anything is done. A fault of the second kind comes after the work, and changes
 * its answer.
 */
import type { AskedFault } from '../faults.ts'
import type { Marketo } from '../marketo.ts'
import { NOT_APPLIED, type FaultOfReply, type Outcome, type Reply } from '../serve-call.ts'
import { errorText, RestError } from './errors.ts'
import { gzip } from './gzip.ts'
import { errorOutcome, type ParsedRequest } from './handle-request.ts'
import type { Refusal } from './operations/operation.ts'
import { JSON_TYPE, requestIdOf } from './reply.ts'

export interface FaultContext {
  /** Number of the call. */
  call: number
  /** Does Marketo's own processing, with some or all leads refused. */
  work: (refusal?: Refusal) => Promise<Outcome>
}

/** Operations whose answer has an entry for each lead. */
const WITH_RECORDS: ReadonlySet<string> = new Set(['syncLeads', 'submitForm'])

export async function applyFault(
  marketo: Marketo,
  fault: FaultOfReply,
  asked: AskedFault,
  request: ParsedRequest,
  { call, work }: FaultContext,
): Promise<Outcome> {
  const instead = (reply: Reply): Outcome => ({ ...NOT_APPLIED, code: fault, records: request.records, reply })
  const afterwards = async (change: (reply: Reply) => Reply | Promise<Reply>): Promise<Outcome> => {
    const outcome = await work()
    return { ...outcome, code: outcome.code ?? fault, ...(outcome.reply && { reply: await change(outcome.reply) }) }
  }
  const reject = (code: string): Outcome =>
    errorOutcome(new RestError(code, textOf(code, asked)), requestIdOf(call, marketo.now()), request.records)
  const hasRecords = typeof request.found === 'object' && WITH_RECORDS.has(request.found.operation.name)

  switch (fault) {
    case 'garbage':
      return instead(json('{"requestId":"e42b#14272d07d78","success":true,"resu'))
    case 'empty':
      return instead(json(''))
    case 'null':
      return instead(json('null'))
    case 'skipped':
      return hasRecords ? work({ email: asked.email, answer: {} }) : reject('611')
    case 'expired-token':
      if (request.token !== undefined) marketo.tokens.end(request.token)
      return work()
    case 'accepted-then-garbage': {
      const half = await afterwards((reply) => ({ ...reply, body: reply.body.slice(0, reply.body.length / 2) }))
      return { ...half, ok: false, code: fault }
    }
    case 'bom':
      return afterwards((reply) => ({ ...reply, body: `\uFEFF${reply.body}` }))
    case 'text-html':
      return afterwards((reply) => ({ ...reply, type: 'text/html;charset=UTF-8' }))
    case 'gzip':
      return afterwards(gzip)
    case 'numeric-codes':
      return afterwards((reply) => ({ ...reply, body: reply.body.replaceAll(/("code":)"(\d+)"/g, '$1$2') }))
    case 'text-ids':
      return afterwards((reply) => ({ ...reply, body: reply.body.replaceAll(/("id":)(\d+)/g, '$1"$2"') }))
    case 'no-result':
      return afterwards(changeResult(() => undefined))
    case 'short-result':
      return afterwards(changeResult((result) => result.slice(0, -1)))
    case 'long-result':
      return afterwards(changeResult((result) => [...result, ...result.slice(-1)]))
    // `failed` meets SOAP calls alone. All others are codes.
    case 'failed':
    default:
      return hasRecords && isRecordLevel(fault, asked)
        ? work({ email: asked.email, answer: { reasons: [{ code: fault, message: textOf(fault, asked) }] } })
        : reject(fault)
  }
}

/** 1077 was recorded as an error of the whole response alone. */
function isRecordLevel(code: string, { level }: AskedFault): boolean {
  return /^1\d{3}$/.test(code) && code !== '1077' && level === undefined
}

function textOf(code: string, { field = 'email' }: AskedFault): string {
  if (code === '606') return errorText(code, '100', '20')
  // The message quotes the value, not the field.
  return code === '1001' ? errorText(code, 'x', 'integer') : errorText(code, field)
}

function json(body: string): Reply {
  return { status: 200, type: JSON_TYPE, body }
}

/** Changes the list of results, if the answer has one. */
function changeResult(change: (result: unknown[]) => unknown[] | undefined): (reply: Reply) => Reply {
  return (reply) => {
    const { result, ...answer } = JSON.parse(reply.body) as { result?: unknown[] }
    return result ? { ...reply, body: JSON.stringify({ ...answer, result: change(result) }) } : reply
  }
}
