import { createHmac } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { Marketo, MarketoOptions } from '../../../../relay/marketo/index.ts'
import { marketoOf } from './calls.ts'
import { ACCOUNT, CREATED, deliverAlone, faultOf, transportTo } from './samples.ts'

const OLD = ACCOUNT.secretKey
const NEW = 'staple correct horse'
const KEYS = { secretKey: OLD, nextSecretKey: NEW }
const LEAD = { email: 'ana@acme.example' }

/** Creates a Marketo that accepts one key, which can be changed, and verifies signatures with node:crypto. */
function tenant(key: string) {
  const seen: string[] = []
  const state = { key, seen, rejection: '20014', answer: () => new Response(CREATED) }
  const respond = (request: string) => {
    const part = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(request)?.[1] ?? ''
    const signedWith = [OLD, NEW].find(
      (secret) =>
        createHmac('sha1', secret)
          .update(part('requestTimestamp') + part('mktowsUserId'))
          .digest('hex') === part('requestSignature'),
    )
    seen.push(signedWith === OLD ? 'old' : signedWith === NEW ? 'new' : 'other')
    return signedWith === state.key ? state.answer() : new Response(faultOf(state.rejection), { status: 500 })
  }
  return Object.assign(state, { respond })
}

function client(marketo: ReturnType<typeof tenant>, options: Partial<MarketoOptions> = {}): Marketo {
  return marketoOf(marketo.respond, { ...KEYS, ...options }).marketo
}

describe('a client with two keys', () => {
  it('tries both within one call, and then uses the one that works', async () => {
    const tenantOfNew = tenant(NEW)
    const onKey = vi.fn()
    const marketo = client(tenantOfNew, { onKey })

    const first = await marketo.syncLead(LEAD)
    const second = await marketo.syncLead(LEAD)

    expect([first.status, second.status]).toEqual(['CREATED', 'CREATED'])
    expect(tenantOfNew.seen).toEqual(['old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })

  it('reports the current key once while it works', async () => {
    const tenantOfOld = tenant(OLD)
    const onKey = vi.fn()
    const marketo = client(tenantOfOld, { onKey })

    await marketo.syncLead(LEAD)
    await marketo.syncLead(LEAD)

    expect(tenantOfOld.seen).toEqual(['old', 'old'])
    expect(onKey.mock.calls).toEqual([['current']])
  })

  it('reports the working key again whenever it changes', async () => {
    const changing = tenant(OLD)
    const onKey = vi.fn()
    const marketo = client(changing, { onKey })

    await marketo.syncLead(LEAD)
    changing.key = NEW
    await marketo.syncLead(LEAD)
    changing.key = OLD
    await marketo.syncLead(LEAD)

    expect(changing.seen).toEqual(['old', 'old', 'new', 'new', 'old'])
    expect(onKey.mock.calls).toEqual([['current'], ['next'], ['current']])
  })

  it('tries each key once if both are rejected, and reports none', async () => {
    const other = tenant('another key')
    const onKey = vi.fn()
    const marketo = client(other, { onKey })

    await expect(marketo.syncLead(LEAD)).rejects.toMatchObject({ code: '20014', retryable: false })
    expect(other.seen).toEqual(['old', 'new'])
    expect(onKey).not.toHaveBeenCalled()
  })

  it.each(['20013', '20016', '20023', '10001'])('does not try the other key after fault %s', async (rejection) => {
    const busy = Object.assign(tenant(NEW), { rejection })

    await expect(client(busy).syncLead(LEAD)).rejects.toMatchObject({ code: rejection })
    expect(busy.seen).toEqual(['old'])
  })

  it.each([
    ['current', OLD],
    ['next', NEW],
  ])(
    'reports a key after a fault of the operation, but not after one that may precede the signature check: %s',
    async (which, key) => {
      const busy = tenant(key)
      const onKey = vi.fn()
      const marketo = client(busy, { onKey })

      busy.answer = () => new Response(faultOf('20023'), { status: 500 })
      await expect(marketo.syncLead(LEAD)).rejects.toMatchObject({ code: '20023' })
      expect(onKey).not.toHaveBeenCalled()

      busy.answer = () => new Response(faultOf('20105'), { status: 500 })
      await expect(marketo.syncLead(LEAD)).rejects.toMatchObject({ code: '20105' })
      expect(onKey.mock.calls).toEqual([[which]])
    },
  )

  it('reports a change once if concurrent calls find it', async () => {
    const tenantOfNew = tenant(NEW)
    const onKey = vi.fn()
    const marketo = client(tenantOfNew, { onKey })

    await Promise.all([marketo.syncLead(LEAD), marketo.syncLead(LEAD)])

    expect(tenantOfNew.seen).toEqual(['old', 'old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })

  it('does not change the key back after a late reply to an earlier call', async () => {
    const changing = tenant(OLD)
    const onKey = vi.fn()
    let resolveSlow = (_response: Response) => {}
    const { marketo, requests } = marketoOf(
      (request) => {
        const response = changing.respond(request)
        return requests.length === 1 ? new Promise((resolve) => (resolveSlow = resolve)) : response
      },
      { ...KEYS, onKey },
    )

    const slow = marketo.syncLead(LEAD)
    await vi.waitFor(() => expect(requests).toHaveLength(1))
    changing.key = NEW
    await marketo.syncLead(LEAD)
    resolveSlow(new Response(CREATED))
    await slow
    await marketo.syncLead(LEAD)

    expect(changing.seen).toEqual(['old', 'old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })

  it('returns the result of a call even if onKey throws', async () => {
    const onKey = () => {
      throw new Error('the log is full')
    }

    expect(await client(tenant(NEW), { onKey }).syncLead(LEAD)).toMatchObject({ status: 'CREATED' })
  })

  it('applies one timeout to both attempts of a call', async () => {
    const slow = tenant(NEW)
    let stuck: Promise<Response> | undefined
    const { marketo, requests } = marketoOf(
      (request) => (requests.length === 1 ? slow.respond(request) : (stuck = new Promise(() => {}))),
      KEYS,
    )

    await expect(marketo.syncLead(LEAD, { timeout: 50 })).rejects.toMatchObject({ code: 'timeout' })
    expect(stuck).toBeDefined()
  })

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['the same key', OLD],
  ])('tries only secretKey if nextSecretKey is %s', async (_what, nextSecretKey) => {
    const other = tenant(NEW)

    await expect(client(other, { nextSecretKey }).syncLead(LEAD)).rejects.toMatchObject({ code: '20014' })
    expect(other.seen).toEqual(['old'])
  })

  it('works the same in the relay’s transport', async () => {
    const tenantOfNew = tenant(NEW)
    const onKey = vi.fn()
    const { transport, calls } = transportTo(() => tenantOfNew.respond(calls.at(-1)?.body ?? ''), { ...KEYS, onKey })

    expect(await deliverAlone(transport)).toEqual({ kind: 'delivered', leadId: 700123 })
    expect(await deliverAlone(transport)).toEqual({ kind: 'delivered', leadId: 700123 })
    expect(tenantOfNew.seen).toEqual(['old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })
})
