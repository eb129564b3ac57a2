import { describe, expect, it } from 'vitest'
import { addedKeysOf, withReplacedId } from '../../../relay/outbox/content-key.ts'
import type { Lead, LeadId } from '../../../relay/intake/lead.ts'
import { WORKERD_CRYPTO } from '../../../relay/runtime/cloudflare/outbox-crypto.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'
import { lead, T } from '../../suites/outbox/leads.ts'

const SECRET = new Uint8Array(32)
const RUNTIMES = [
  ['Node', NODE_CRYPTO.keyedDigest(SECRET)],
  ['workerd', WORKERD_CRYPTO.keyedDigest(SECRET)],
] as const

const ANA = lead('0193573a-1c00-7000-8000-0123456789ab', {
  person: 'email:ana@acme.example',
  email: 'ana@acme.example',
  workspace: 'Europe',
})

/**
 * The first 16 bytes of the HMAC in base64url:
 *   printf '%s' 'content:["0193573a-1c00-7000-8000-0123456789ab","default","contact","email:ana@acme.example",
 *   "ana@acme.example",[["FirstName","George"]],null,"Europe"]' (in one line) |
 *     openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '%064d' 0) -binary | head -c 16 | basenc --base64url
 */
const KEY = 'SXMCtlNb8-j4SoCoopAceQ'

const keyOf = async (of: Lead, digest = RUNTIMES[0][1], account = 'default') =>
  (await addedKeysOf([of], account, digest))[0]!.content

describe('the key of a content', () => {
  it.each(RUNTIMES)('is the same on %s, because a stored one must always be found again', async (_, digest) => {
    expect(await keyOf(ANA, digest)).toBe(KEY)
  })

  it('leaves out when the lead was accepted, its notes and whether it is held', async () => {
    expect(await keyOf({ ...ANA, acceptedAt: T + 1, notes: ['cookie left out: malformed'], hold: 'spam' })).toBe(KEY)
  })

  it('differs by id and by account', async () => {
    const keys = [
      await keyOf(ANA),
      await keyOf({ ...ANA, id: 'b' as LeadId }),
      await keyOf(ANA, RUNTIMES[0][1], 'second'),
    ]

    expect(new Set(keys).size).toBe(3)
  })

  it('tells a cookie from a workspace, and names from values', async () => {
    const { workspace: _, ...without } = ANA
    const attribute = (name: string, value: string) => ({ ...without, attributes: [{ name, value }] })
    const contents = [
      { ...without, cookie: 'x' },
      { ...without, workspace: 'x' },
      attribute('a', 'b'),
      attribute('b', 'a'),
    ]

    const keys = await Promise.all(contents.map((content) => keyOf(content)))

    expect(new Set(keys).size).toBe(4)
  })
})

it('a lead gets another id by its content, and a note after its own ones', async () => {
  const [keys] = await addedKeysOf([{ ...ANA, notes: ['a note'] }], 'default', RUNTIMES[0][1])

  const replaced = withReplacedId({ ...ANA, notes: ['a note'] }, keys!)

  expect(replaced).toStrictEqual({
    ...ANA,
    id: '497302b6-535b-83e8-b84a-80a8a2901c79',
    notes: ['a note', 'id replaced: 0193573a-1c00-7000-8000-0123456789ab was used before with another content'],
  })
})
