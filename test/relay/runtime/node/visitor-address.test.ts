import { describe, expect, it } from 'vitest'
import { addressBehind } from '../../../../relay/runtime/node/visitor-address.ts'

const PEER = '198.51.100.9'

describe('the address of a visitor on Node', () => {
  it.each<[string, string | null, number, string]>([
    ['is that of the connection without trusted proxies', '192.0.2.1', 0, PEER],
    ['is the last entry behind one proxy', '203.0.113.7, 192.0.2.1', 1, '192.0.2.1'],
    ['is the last entry but one behind two proxies', '203.0.113.7, 192.0.2.1,198.51.100.1', 2, '192.0.2.1'],
    ['is the first entry where fewer proxies have written one', '192.0.2.1', 3, '192.0.2.1'],
    ['is that of the connection where no proxy has written one', null, 1, PEER],
    ['is that of the connection where the header is empty', ' , ', 2, PEER],
  ])('%s', (_, forwardedFor, proxies, expected) => {
    expect(addressBehind(PEER, forwardedFor, proxies)?.trim()).toBe(expected)
  })

  it('is unknown when the connection is gone', () => {
    expect(addressBehind(undefined, null, 0)).toBeUndefined()
  })
})
