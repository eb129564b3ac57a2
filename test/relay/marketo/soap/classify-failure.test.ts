import { describe, expect, it } from 'vitest'
import { classifyFailure } from '../../../../relay/marketo/soap/classify-failure.ts'
import type { Failure } from '../../../../relay/marketo/soap/call-result.ts'

const error = (code: string) => Object.assign(new Error('x'), { code })
const fault = (code: string | undefined): Failure => ({ kind: 'fault', status: 500, fault: { code, message: '' } })
const answered = (status: number, cause: string): Failure => ({ kind: 'unreadable', status, cause })

describe('Marketo may still be at work on a call', () => {
  it.each<[string, Failure]>([
    ['that nobody waits for any more', { kind: 'late', timeout: 90_000 }],
    ['whose connection broke', { kind: 'unreachable', error: error('ECONNRESET') }],
    ['whose connection was closed', { kind: 'unreachable', error: error('UND_ERR_SOCKET') }],
    ['that failed for a reason that is not told, as in workerd', { kind: 'unreachable', error: new Error('lost') }],
    ['that a gateway lost', answered(502, 'an HTML page')],
    ['that a gateway did not wait for', answered(504, 'an HTML page')],
    ['that was aborted once it was sent', { kind: 'aborted', error: undefined, sent: true }],
  ])('%s', (_which, failure) => {
    expect(classifyFailure(failure)).toMatchObject({ kind: 'retry', uncertain: true })
  })
})

describe('Marketo is not at work on a call', () => {
  it.each<[string, Failure]>([
    ['that found nobody', { kind: 'unreachable', error: error('ECONNREFUSED') }],
    ['whose host has no address', { kind: 'unreachable', error: error('ENOTFOUND') }],
    ['whose host has no address for now', { kind: 'unreachable', error: error('EAI_AGAIN') }],
    ['for which no connection came about', { kind: 'unreachable', error: error('UND_ERR_CONNECT_TIMEOUT') }],
    ['that it answered with a fault', fault('10001')],
    ['that it answered with a fault of no number', fault(undefined)],
    ['of whose reply a part came', answered(200, 'the reply broke off')],
    ['of whose reply half came', answered(200, 'malformed XML')],
    ['that was answered with a page', answered(200, 'an HTML page')],
    ['that was answered with an error of its own', answered(500, 'an HTML page')],
    ['that a gateway did not let through for now', answered(503, 'empty')],
    ['that was one too many', answered(429, 'empty')],
    ['that was too large', answered(413, 'empty')],
    ['that was shut out', answered(403, 'empty')],
    ['that was sent elsewhere', { kind: 'redirect', status: 302, host: 'login.example' }],
    ['that was never signed', { kind: 'unsigned', error: error('x') }],
    ['that was aborted before it was sent', { kind: 'aborted', error: undefined, sent: false }],
  ])('%s', (_which, failure) => {
    expect(classifyFailure(failure)).not.toHaveProperty('uncertain')
  })
})
