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
    expect(addressBehind(PEER, forwardedFor, proxies)).toBe(expected)
  })

  it.each([
    ['192.0.2.1:52100', '192.0.2.1'],
    ['[2001:db8::7]:52100', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('has neither port nor brackets nor zone: %s', (entry, expected) => {
    expect(addressBehind(PEER, entry, 1)).toBe(expected)
  })

  it('is unknown when the connection is gone', () => {
    expect(addressBehind(undefined, null, 0)).toBeUndefined()
  })
})
