import { describe, expect, it } from 'vitest'
import { addressBehind, trustIn } from '../../../../relay/runtime/node/visitor-address.ts'

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
    expect(addressBehind(PEER, forwardedFor, trustIn(proxies))).toBe(expected)
  })

  it.each([
    ['192.0.2.1:52100', '192.0.2.1'],
    ['[2001:db8::7]:52100', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('has neither port nor brackets nor zone: %s', (entry, expected) => {
    expect(addressBehind(PEER, entry, trustIn(1))).toBe(expected)
  })

  it('is unknown when the connection is gone', () => {
    expect(addressBehind(undefined, null, trustIn(0))).toBeUndefined()
  })

  const NETWORKS = ['10.0.0.0/8', '2001:db8:ffff::/48']

  it.each<[string, string, string | null, string]>([
    ['is the entry that a trusted proxy wrote', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['is behind each trusted proxy in a row', '10.0.0.1', '192.0.2.1, 2001:db8:ffff::9, 10.1.1.1', '192.0.2.1'],
    ['is not what a visitor forged before it', '10.0.0.1', '10.6.6.6, 203.0.113.7, 192.0.2.1', '192.0.2.1'],
    ['is that of a peer of another network, whatever it says', '192.0.2.1', '203.0.113.7', '192.0.2.1'],
    ['is that of a peer whose mapped address is trusted', '::ffff:10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['is the first entry where all are trusted', '10.0.0.1', '10.9.9.9, 10.1.1.1', '10.9.9.9'],
    ['is that of the proxy where it writes none', '10.0.0.1', null, '10.0.0.1'],
    ['is behind a trusted proxy that writes its port', '10.0.0.1', '192.0.2.1, 10.1.1.1:443', '192.0.2.1'],
    ['ends at an entry that is no address', '10.0.0.1', '192.0.2.1, unknown', 'unknown'],
  ])('%s, with trusted networks', (_, peer, forwardedFor, expected) => {
    expect(addressBehind(peer, forwardedFor, trustIn(NETWORKS))).toBe(expected)
  })

  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:201', '192.0.2.1'],
    ['2001:DB8:0:0::7', '2001:db8::7'],
  ])('has one spelling, also where IPv4 is mapped to IPv6: %s', (peer, expected) => {
    expect(addressBehind(peer, null, trustIn(0))).toBe(expected)
  })
})
