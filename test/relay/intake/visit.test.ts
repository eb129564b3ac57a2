import { describe, expect, it } from 'vitest'
import { readVisit } from '../../../relay/intake/visit.ts'

const PAGE = 'https://www.acme.example/pilot'

function visitOf(extras: Record<string, string>, request: { userAgent?: string | null; address?: string } = {}) {
  return readVisit(new Map(Object.entries(extras)), request)
}

describe('the visit of a submission', () => {
  it('has the page without its query, the query, the browser and the address, by the names of Marketo', () => {
    const visit = visitOf(
      { _page: PAGE, _query: 'utm_source=mail' },
      { userAgent: 'Browser/1', address: '203.0.114.7' },
    )

    expect(visit).toEqual({
      pageURL: PAGE,
      queryString: 'utm_source=mail',
      userAgentString: 'Browser/1',
      leadClientIpAddress: '203.0.114.7',
    })
  })

  it('is undefined when nothing of it is known', () => {
    expect(visitOf({})).toBeUndefined()
    expect(visitOf({ _page: '', _query: '' }, { userAgent: null })).toBeUndefined()
  })

  it.each([
    ['a query of its own', `${PAGE}?a=1#b`, { pageURL: PAGE, queryString: 'a=1' }],
    ['a fragment and a password', 'https://u:p@www.acme.example/pilot#b', { pageURL: PAGE }],
    ['a relative URL', '/pilot', undefined],
    ['another scheme', 'javascript:alert(1)', undefined],
    ['a host alone', 'www.acme.example', undefined],
    ['no URL', 'https://', undefined],
  ])('has an absolute page or none: %s', (_, _page, visit) => {
    expect(visitOf({ _page })).toEqual(visit)
  })

  it('has no control characters, no lone surrogates and at most 2,000 characters in each part', () => {
    const visit = visitOf({ _query: `a=\u0000${'b'.repeat(3_000)}` }, { userAgent: 'Browser\uD800\n/1' })

    expect(visit).toEqual({ queryString: `a=${'b'.repeat(1_998)}`, userAgentString: 'Browser\uFFFD/1' })
  })

  it.each([
    ['8.8.8.8', '8.8.8.8'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
    ['172.32.0.1', '172.32.0.1'],
    ['100.128.0.1', '100.128.0.1'],
    ['2001:db8::7', undefined],
    ['::1', undefined],
    ['256.1.1.1', undefined],
    ['8.8.8', undefined],
    ['unknown', undefined],
    ['127.0.0.1', undefined],
    ['10.1.2.3', undefined],
    ['192.168.0.7', undefined],
    ['172.16.0.1', undefined],
    ['172.31.255.1', undefined],
    ['100.64.0.1', undefined],
    ['169.254.0.1', undefined],
    ['0.0.0.0', undefined],
  ])('has a public IPv4 address or none: %s', (address, expected) => {
    expect(visitOf({}, { address })?.leadClientIpAddress).toBe(expected)
  })
})
