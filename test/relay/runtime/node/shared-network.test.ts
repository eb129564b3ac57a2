import { expect, it } from 'vitest'
import { networkOf } from '../../../../relay/intake/network.ts'
import { isSharedNetwork } from '../../../../relay/runtime/node/shared-network.ts'

it.each([
  ['10.1.2.3', true],
  ['192.168.0.1', true],
  ['100.64.0.1', true],
  ['127.0.0.1', true],
  ['::1', true],
  ['fd00:1:2:3::4', true],
  ['fe80::1', true],
  ['::ffff:10.0.0.1', true],
  ['unknown', true],
  ['0.0.0.0', true],
  ['169.254.1.1', true],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['100.127.255.255', true],
  ['::', true],
  ['fcff::1', true],
  ['febf::1', true],
  ['10.1.2', true],
  ['172.15.0.1', false],
  ['172.32.0.1', false],
  ['100.63.0.1', false],
  ['100.128.0.1', false],
  ['11.0.0.1', false],
  ['fec0::1', false],
  ['0:0:0:1::1', false],
  ['192.0.2.1', false],
  ['8.8.8.8', false],
  ['2001:db8::7', false],
  ['2a00:1450:4001:81b::200e', false],
  ['::ffff:192.0.2.1', false],
])('visitors without a known address may share the network of %s: %s', (address, isShared) => {
  expect(isSharedNetwork(networkOf(address))).toBe(isShared)
})
