import { describe, expect, it } from 'vitest'
import { networkOf } from '../../../relay/intake/network.ts'

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    // The dotted form of RFC 4291, section 2.5.5.2, and the same in hexadecimal.
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:0002::7', '2001:db8:1:2'],
    ['2001:db8::7', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['2001:db8::', '2001:db8:0:0'],
    ['::2:3:4:5:6', '0:0:0:2'],
    ['1::', '1:0:0:0'],
    ['::', '0:0:0:0'],
    ['1:2:3:4:5:6:7::', '1:2:3:4'],
    ['::8', '0:0:0:0'],
    ['1::7:8', '1:0:0:0'],
    ['1:2:3::8', '1:2:3:0'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each(['unknown', '_hidden', '1:2:3', ''])(
    'is what stands in place of an address that cannot be read: "%s"',
    (text) => {
      expect(networkOf(text)).toBe(text)
    },
  )
})
