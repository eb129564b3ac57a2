import { describe, expect, it } from 'vitest'
import { classifyFailure, explain } from '../../../../relay/marketo/soap/classify-failure.ts'
import type { Failure } from '../../../../relay/marketo/soap/call-result.ts'

const error = (code: string, syscall?: string) => Object.assign(new Error('x'), { code, ...(syscall && { syscall }) })
/** Returns the error of Node's `fetch`, which holds the reason as its cause. */
const fetchFailed = (cause: unknown): Failure => ({
  kind: 'unreachable',
  error: new TypeError('fetch failed', { cause }),
})
const fault = (code: string | undefined): Failure => ({ kind: 'fault', status: 500, fault: { code, message: '' } })
const answered = (status: number, cause: string): Failure => ({ kind: 'unreadable', status, cause })

describe('a call may have arrived', () => {
  it.each<[string, Failure]>([
    ['that was not answered in time', { kind: 'late', timeout: 90_000 }],
    ['whose connection broke', { kind: 'unreachable', error: error('ECONNRESET') }],
    ['whose connection was closed', { kind: 'unreachable', error: error('UND_ERR_SOCKET') }],
    ['that failed for an unknown reason, as in workerd', { kind: 'unreachable', error: new Error('lost') }],
    ['whose connection broke while it was read', fetchFailed(error('ECONNRESET', 'read'))],
    ['whose connection broke while it was written', fetchFailed(error('EPIPE', 'write'))],
    ['whose host became unreachable while it was read', fetchFailed(error('EHOSTUNREACH', 'read'))],
    ['whose established connection timed out', fetchFailed(error('ETIMEDOUT', 'read'))],
    ['whose reply did not begin in time', fetchFailed(error('UND_ERR_HEADERS_TIMEOUT'))],
    ['whose TLS connection broke', fetchFailed(error('ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC'))],
    ['that failed for a reason without a code', fetchFailed(new Error('terminated'))],
    [
      'of which one address was refused and another one lost the connection',
      fetchFailed(new AggregateError([error('ECONNREFUSED', 'connect'), error('ECONNRESET', 'read')])),
    ],
    ['that failed with something that is no error', { kind: 'unreachable', error: 'ECONNREFUSED' }],
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
    ['to a port that fetch blocks, an error without a code', fetchFailed(new Error('bad port'))],
    [
      'from Deno to a port where nothing listens',
      fetchFailed(
        new Error(
          'error sending request for url (http://127.0.0.1:9/soap): client error (Connect): tcp connect error: Connection refused (os error 111)',
        ),
      ),
    ],
    ['when the descriptors of the process were used up', fetchFailed(error('EMFILE', 'connect'))],
    ['when the descriptors of the machine were used up', fetchFailed(error('ENFILE', 'connect'))],
    ['whose network cannot be reached', fetchFailed(error('ENETUNREACH', 'connect'))],
    ['whose host cannot be reached', fetchFailed(error('EHOSTUNREACH', 'connect'))],
    ['when no local port was free', fetchFailed(error('EADDRNOTAVAIL', 'connect'))],
    ['whose connection timed out', fetchFailed(error('ETIMEDOUT', 'connect'))],
    ['whose host name could not be looked up', fetchFailed(error('EAI_FAIL', 'getaddrinfo'))],
    ['whose server has an expired certificate', fetchFailed(error('CERT_HAS_EXPIRED'))],
    ['whose server has a certificate of its own', fetchFailed(error('DEPTH_ZERO_SELF_SIGNED_CERT'))],
    ['whose chain has a certificate of its own', fetchFailed(error('SELF_SIGNED_CERT_IN_CHAIN'))],
    ['whose certificate has an unknown issuer', fetchFailed(error('UNABLE_TO_VERIFY_LEAF_SIGNATURE'))],
    ['whose certificate is for another host', fetchFailed(error('ERR_TLS_CERT_ALTNAME_INVALID'))],
    [
      'of which all addresses were refused',
      fetchFailed(new AggregateError([error('ECONNREFUSED', 'connect'), error('ENETUNREACH', 'connect')])),
    ],
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

describe('the reason of a call that was never sent', () => {
  it('names a port that is blocked, although the error has no code', () => {
    expect(explain(fetchFailed(new Error('bad port')), 'marketo.example:1')).toBe(
      'cannot reach marketo.example:1 (bad port)',
    )
  })

  it('does not quote any other message', () => {
    expect(explain(fetchFailed(new Error('jane@example.com')), 'marketo.example')).toBe(
      'cannot reach marketo.example (Error)',
    )
  })
})

describe('a call to a real address that fails before a connection is made', () => {
  it.each([
    ['to a blocked port', 'http://127.0.0.1:1/'],
    ['to a network that cannot be reached', 'http://255.255.255.255/'],
  ])('was never sent %s', async (_which, url) => {
    const failed: unknown = await fetch(url, { method: 'POST', body: 'x' }).catch((caught: unknown) => caught)

    expect(classifyFailure({ kind: 'unreachable', error: failed })).toHaveProperty('arrived', 'no')
  })
})
