import { describe, expect, it } from 'vitest'
import { createApiKeys } from '../../../relay/http/api-keys.ts'

const KEY = 'kX3-first-key-of-a-server'
const NEXT = 'kX3-second-key-of-a-server'

describe('API keys', () => {
  it.each([
    ['the first key', `Bearer ${KEY}`, true],
    ['the key that follows it', `Bearer ${NEXT}`, true],
    ['the scheme in other letters', `bearer ${KEY}`, true],
    ['no header', null, false],
    ['an empty key', 'Bearer ', false],
    ['another key', 'Bearer kX3-third-key-of-a-server', false],
    ['a key that only begins alike', `Bearer ${KEY.slice(0, -1)}`, false],
    ['a longer key', `Bearer ${KEY}x`, false],
    ['another scheme', `Basic ${KEY}`, false],
    ['two keys', `Bearer ${KEY} ${NEXT}`, false],
  ])('%s', async (_, header, admitted) => {
    const keys = createApiKeys([KEY, NEXT])

    expect(await keys.admits(header)).toBe(admitted)
  })

  it('admit nobody where there are none, not even with an empty one', async () => {
    const keys = createApiKeys([])

    expect(await keys.admits('Bearer ')).toBe(false)
    expect(await keys.admits(null)).toBe(false)
  })
})
