import { describe, expect, it } from 'vitest'
import { createApiKeys } from '../../../relay/http/api-keys.ts'

const KEY = 'kX3-first-key-of-a-server'
const NEXT = 'kX3-second-key-of-a-server'

describe('the check of API keys', () => {
  it.each([
    ['the first key', `Bearer ${KEY}`, true],
    ['the second key', `Bearer ${NEXT}`, true],
    ['the scheme in lower case', `bearer ${KEY}`, true],
    ['no header', null, false],
    ['an empty key', 'Bearer ', false],
    ['another key', 'Bearer kX3-third-key-of-a-server', false],
    ['a key that is a prefix of a valid one', `Bearer ${KEY.slice(0, -1)}`, false],
    ['a key that starts with a valid one', `Bearer ${KEY}x`, false],
    ['another scheme', `Basic ${KEY}`, false],
    ['two keys', `Bearer ${KEY} ${NEXT}`, false],
  ])('accepts valid keys only: %s', async (_, header, admitted) => {
    const keys = createApiKeys([KEY, NEXT])

    expect(await keys.admits(header)).toBe(admitted)
  })

  it('rejects every request if there are no keys, even one with an empty key', async () => {
    const keys = createApiKeys([])

    expect(await keys.admits('Bearer ')).toBe(false)
    expect(await keys.admits(null)).toBe(false)
  })
})
