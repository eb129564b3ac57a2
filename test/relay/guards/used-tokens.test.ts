import { describe, expect, it } from 'vitest'
import { createUsedTokens, leadDigest } from '../../../relay/guards/used-tokens.ts'
import { lead } from '../../suites/outbox/leads.ts'

describe('the memory of used tokens', () => {
  it('lets one lead use a token, as often as it likes, and no other lead', () => {
    const tokens = createUsedTokens(1_000, () => 0)

    expect([tokens.use('a', 'ana'), tokens.use('a', 'ana'), tokens.use('a', 'bob'), tokens.use('b', 'bob')]).toEqual([
      true,
      true,
      false,
      true,
    ])
    expect([tokens.userOf('a'), tokens.userOf('b'), tokens.userOf('c')]).toEqual(['ana', 'bob', undefined])
  })

  it('forgets a token when it is no longer valid, and none before', () => {
    let now = 0
    const tokens = createUsedTokens(1_000, () => now)
    tokens.use('a', 'ana')

    now = 999
    tokens.use('b', 'ben')
    expect(tokens.userOf('a')).toBe('ana')
    now = 1_000
    tokens.use('c', 'cem')

    expect([tokens.userOf('a'), tokens.userOf('b')]).toEqual([undefined, 'ben'])
  })

  it('holds a bounded number of tokens, and forgets the oldest first', () => {
    const tokens = createUsedTokens(1_000, () => 0, 3)

    for (const token of ['a', 'b', 'c', 'd', 'e']) tokens.use(token, 'ana')

    expect(['a', 'b', 'c', 'd', 'e'].map(tokens.userOf)).toEqual([undefined, undefined, 'ana', 'ana', 'ana'])
  })
})

describe('the digest of a lead', () => {
  const ana = lead('0193573a-1c00-7000-8000-0123456789ab')

  it('is the same with another time, network and notes, and whether or not the cookie was left out', async () => {
    const cookie = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'
    const { cookie: _, ...rest } = { ...ana, cookie }

    const digest = await leadDigest({ ...ana, cookie })

    expect(digest).toMatch(/^[0-9a-f]{32}$/)
    expect(await leadDigest({ ...ana, cookie, acceptedAt: 1, network: '192.0.2.1', notes: ['a'] })).toBe(digest)
    expect(await leadDigest({ ...rest, cookieLeftOut: cookie })).toBe(digest)
  })

  it.each([
    ['address', { email: 'eve@acme.example' }],
    ['form', { form: 'other' }],
    ['value', { attributes: [{ name: 'FirstName', value: 'Eve' }] }],
    ['cookie', { cookie: 'id:123-ABC-456&token:_mch-acme.example-1764000000000-99999' }],
  ])('is another one with another %s', async (_, change) => {
    expect(await leadDigest({ ...ana, ...change })).not.toBe(await leadDigest(ana))
  })
})
