import { expect, it } from 'vitest'
import { createSecret, keysOf, parseSecret } from '../../../relay/outbox/person-keys.ts'
import { WORKERD_CRYPTO } from '../../../relay/runtime/cloudflare/outbox-crypto.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'

const RUNTIMES = [
  ['Node', NODE_CRYPTO],
  ['workerd', WORKERD_CRYPTO],
] as const

const utf8 = new TextEncoder()

/**
 * Secrets in hexadecimal, texts, and the first 16 bytes of the HMAC in base64url. The first two are test cases 1 and 2 of
 * RFC 4231; the last one is made by
 *   printf 'zoë@example.com' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '%064d' 0) -binary |
 *     head -c 16 | basenc --base64url | tr -d =
 */
const DIGESTS = [
  ['0b'.repeat(20), 'Hi There', Buffer.from('b0344c61d8db38535ca8afceaf0bf12b', 'hex').toString('base64url')],
  [
    Buffer.from('Jefe').toString('hex'),
    'what do ya want for nothing?',
    Buffer.from('5bdcc146bf60754e6a042426089575c7', 'hex').toString('base64url'),
  ],
  ['00'.repeat(32), 'zoë@example.com', 'OwPHoVvwfBnbZKTrE9zk5w'],
] as const

it.each(RUNTIMES)('the digest is the first half of an HMAC-SHA-256 on %s', async (_, crypto) => {
  for (const [secret, text, expected] of DIGESTS) {
    expect(await crypto.keyedDigest(parseSecret(secret))(text)).toBe(expected)
  }
})

it.each(RUNTIMES)('a new secret on %s has 32 random bytes in hexadecimal', (_, crypto) => {
  const secrets = [createSecret(crypto), createSecret(crypto)]

  for (const secret of secrets) {
    expect(secret).toMatch(/^[\da-f]{64}$/)
    expect(Buffer.from(parseSecret(secret)).toString('hex')).toBe(secret)
  }
  expect(secrets[0]).not.toBe(secrets[1])
})

it('both runtimes compute the same digests, of any length of text', async () => {
  const secret = utf8.encode('a secret of 32 bytes, as it is..')
  const [node, workerd] = [NODE_CRYPTO.keyedDigest(secret), WORKERD_CRYPTO.keyedDigest(secret)]

  const long = ['x'.repeat(4_096), '€'.repeat(4_096), '€'.repeat(4_097), 'x'.repeat(10_000)]
  // So many that their digests have each last character.
  const many = Array.from({ length: 100 }, (_, at) => `${at}`)
  for (const text of [...long, '', 'a', 'ß'.repeat(63), '😀', '\uD800', ...many]) {
    expect(await workerd(text)).toBe(node(text))
  }
})

it('the keys of leads come in their order, and a lead without a cookie has no key of a visitor', async () => {
  const keys = await keysOf(
    [{ person: 'a', cookie: 'c' }, { person: 'b' }, { person: 'a', cookie: '' }],
    (text) => `<${text}>`,
  )

  expect(keys).toStrictEqual([
    { person: '<a>', visitor: '<c>' },
    { person: '<b>', visitor: null },
    { person: '<a>', visitor: '<>' },
  ])
})
