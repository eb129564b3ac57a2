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
  ['192.0.2.1', false],
  ['8.8.8.8', false],
  ['2001:db8::7', false],
  ['2a00:1450:4001:81b::200e', false],
  ['::ffff:192.0.2.1', false],
])('visitors without a known address may share the network of %s: %s', (address, isShared) => {
  expect(isSharedNetwork(networkOf(address))).toBe(isShared)
})

it('the answer for a network stays the same while thousands of others are asked for', () => {
  const networks = Array.from({ length: 5_000 }, (_, n) => `${n % 2 === 0 ? '10.0' : '8.8'}.${n >> 8}.${n & 255}`)

  const answers = [...networks, ...networks].map(isSharedNetwork)

  expect(answers).toEqual([...networks, ...networks].map((network) => network.startsWith('10.')))
})
