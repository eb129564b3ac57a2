import { describe, expect, it } from 'vitest'
import { classifyFailure } from '../../../../relay/marketo/soap/classify-failure.ts'
import type { Failure } from '../../../../relay/marketo/soap/call-result.ts'

const error = (code: string) => Object.assign(new Error('x'), { code })
const fault = (code: string | undefined): Failure => ({ kind: 'fault', status: 500, fault: { code, message: '' } })
const answered = (status: number, cause: string): Failure => ({ kind: 'unreadable', status, cause })

describe('a call may have arrived', () => {
  it.each<[string, Failure]>([
    ['that was not answered in time', { kind: 'late', timeout: 90_000 }],
    ['whose connection broke', { kind: 'unreachable', error: error('ECONNRESET') }],
    ['whose connection was closed', { kind: 'unreachable', error: error('UND_ERR_SOCKET') }],
    ['that failed for an unknown reason, as in workerd', { kind: 'unreachable', error: new Error('lost') }],
    ['for which a gateway got no answer', answered(502, 'an HTML page')],
    ['for which a gateway did not wait', answered(504, 'an HTML page')],
    ['that was aborted after it was sent', { kind: 'aborted', error: undefined, sent: true }],
  ])('%s', (_which, failure) => {
    expect(classifyFailure(failure)).toMatchObject({ kind: 'failed', arrived: 'maybe' })
  })
})

describe('a call was never sent', () => {
  it.each<[string, Failure]>([
    ['whose connection was refused', { kind: 'unreachable', error: error('ECONNREFUSED') }],
    ['whose host has no address', { kind: 'unreachable', error: error('ENOTFOUND') }],
    ['whose host has no address for now', { kind: 'unreachable', error: error('EAI_AGAIN') }],
    ['whose connection was not made in time', { kind: 'unreachable', error: error('UND_ERR_CONNECT_TIMEOUT') }],
  ])('%s', (_which, failure) => {
    expect(classifyFailure(failure)).toEqual({ kind: 'failed', fault: 'account', arrived: 'no' })
  })
})

describe('a call was answered, so that Marketo is done with it', () => {
  it.each<[string, Failure]>([
    ['with a fault', fault('10001')],
    ['with a fault without a number', fault(undefined)],
    ['with a part of a reply', answered(200, 'the reply broke off')],
    ['with half of a reply', answered(200, 'malformed XML')],
    ['with a page', answered(200, 'an HTML page')],
    ['with an error of the server', answered(500, 'an HTML page')],
    ['by a gateway that is overloaded', answered(503, 'empty')],
  ])('%s', (_which, failure) => {
    expect(classifyFailure(failure)).toMatchObject({ kind: 'failed', arrived: 'yes' })
  })

  it.each<[string, Failure, string]>([
    ['with a limit', answered(429, 'empty'), 'limited'],
    ['for its size', answered(413, 'empty'), 'park'],
    ['with no access', answered(403, 'empty'), 'blocked'],
    ['with a redirect', { kind: 'redirect', status: 302, host: 'login.example' }, 'blocked'],
  ])('%s', (_which, failure, kind) => {
    expect(classifyFailure(failure)).toHaveProperty('kind', kind)
  })
})

describe('a call was not made', () => {
  it('that could not be signed', () => {
    expect(classifyFailure({ kind: 'unsigned', error: error('x') })).toEqual({ kind: 'blocked' })
  })

  it('that was aborted before it was sent', () => {
    const failureClass = classifyFailure({ kind: 'aborted', error: undefined, sent: false })

    expect(failureClass).toMatchObject({ kind: 'failed', fault: 'lead' })
    expect(failureClass).not.toMatchObject({ arrived: 'maybe' })
  })
})

describe('the fault of a failure', () => {
  it.each<[string, string, Failure]>([
    ['the lead', 'is late', { kind: 'late', timeout: 90_000 }],
    ['the lead', 'is a fault', fault('20106')],
    ['the account', 'is an internal error', fault('10001')],
    ['the account', 'is an error of the server', answered(500, 'an HTML page')],
    ['the account', 'is a page', answered(200, 'an HTML page')],
    ['the account', 'is a broken connection', { kind: 'unreachable', error: error('ECONNRESET') }],
    ['the account', 'is an overload', answered(503, 'empty')],
    ['the account', 'is a gateway’s', answered(502, 'an HTML page')],
    ['the account', 'is an old signature', fault('20016')],
  ])('is of %s when it %s', (whose, _what, failure) => {
    expect(classifyFailure(failure)).toMatchObject({ fault: whose.replace('the ', '') })
  })
})
