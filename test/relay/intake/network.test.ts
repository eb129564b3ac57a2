import { describe, expect, it } from 'vitest'
import { networkOf } from '../../../relay/intake/network.ts'

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:52100', '192.0.2.1'],
    // The dotted form of RFC 4291, section 2.5.5.2, and the same in hexadecimal.
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:201', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:52100', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:0002::7', '2001:db8:1:2'],
    ['[2001:db8:1:2::7]:52100', '2001:db8:1:2'],
    ['2001:db8::7', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each(['', 'unknown', '_hidden', '300.1.1.1', '192.0.2', '1:2:3', 'relay.example', '192.0.2.1/path'])(
    'is the same for all addresses that cannot be read: "%s"',
    (address) => {
      expect(networkOf(address)).toBe('unknown')
    },
  )
})
