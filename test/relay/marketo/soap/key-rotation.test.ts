import { createHmac } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { Marketo, MarketoOptions } from '../../../../relay/marketo/index.ts'
import { marketoOf } from './calls.ts'
import { ACCOUNT, CREATED, deliverAlone, faultOf, transportTo } from './samples.ts'

const OLD = ACCOUNT.secretKey
const NEW = 'staple correct horse'
const KEYS = { secretKey: OLD, nextSecretKey: NEW }
const LEAD = { email: 'ana@acme.example' }

/** A Marketo that knows one key, checks signatures with another's arithmetic, and can change its mind. */
function tenant(key: string) {
  const seen: string[] = []
  const state = { key, seen, refusal: '20014', answer: () => new Response(CREATED) }
  const answer = (request: string) => {
    const part = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(request)?.[1] ?? ''
    const signedWith = [OLD, NEW].find(
      (secret) =>
        createHmac('sha1', secret)
          .update(part('requestTimestamp') + part('mktowsUserId'))
          .digest('hex') === part('requestSignature'),
    )
    seen.push(signedWith === OLD ? 'old' : signedWith === NEW ? 'new' : 'other')
    return signedWith === state.key ? state.answer() : new Response(faultOf(state.refusal), { status: 500 })
  }
  return Object.assign(state, { respond: answer })
}

function client(marketo: ReturnType<typeof tenant>, options: Partial<MarketoOptions> = {}): Marketo {
  return marketoOf(marketo.respond, { ...KEYS, ...options }).marketo
}

describe('two keys', () => {
  it('are both tried within one call, and the one that works is kept', async () => {
    const tenantOfNew = tenant(NEW)
    const onKey = vi.fn()
    const marketo = client(tenantOfNew, { onKey })

    const first = await marketo.syncLead(LEAD)
    const second = await marketo.syncLead(LEAD)

    expect([first.status, second.status]).toEqual(['CREATED', 'CREATED'])
    expect(tenantOfNew.seen).toEqual(['old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })

  it('are told of once while the current one works', async () => {
    const tenantOfOld = tenant(OLD)
    const onKey = vi.fn()
    const marketo = client(tenantOfOld, { onKey })

    await marketo.syncLead(LEAD)
    await marketo.syncLead(LEAD)

    expect(tenantOfOld.seen).toEqual(['old', 'old'])
    expect(onKey.mock.calls).toEqual([['current']])
  })

  it('are told of again when Marketo changes, either way', async () => {
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

  it('are each tried once when both are refused, and nobody is told', async () => {
    const other = tenant('another key')
    const onKey = vi.fn()
    const marketo = client(other, { onKey })

    await expect(marketo.syncLead(LEAD)).rejects.toMatchObject({ code: '20014', retryable: false })
    expect(other.seen).toEqual(['old', 'new'])
    expect(onKey).not.toHaveBeenCalled()
  })

  it.each(['20013', '20016', '20023', '10001'])('are not both tried on %s', async (refusal) => {
    const busy = Object.assign(tenant(NEW), { refusal })

    await expect(client(busy).syncLead(LEAD)).rejects.toMatchObject({ code: refusal })
    expect(busy.seen).toEqual(['old'])
  })

  it.each([
    ['current', OLD],
    ['next', NEW],
  ])(
    'are told of by an answer to the operation, not by one that may come before the signature was read: %s',
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

  it('are told of once by calls that find it out together', async () => {
    const tenantOfNew = tenant(NEW)
    const onKey = vi.fn()
    const marketo = client(tenantOfNew, { onKey })

    await Promise.all([marketo.syncLead(LEAD), marketo.syncLead(LEAD)])

    expect(tenantOfNew.seen).toEqual(['old', 'old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })

  it('are not changed back by an answer that was long under way', async () => {
    const changing = tenant(OLD)
    const onKey = vi.fn()
    let arrive = (_answer: Response) => {}
    const { marketo, requests } = marketoOf(
      (request) => {
        const answer = changing.respond(request)
        return requests.length === 1 ? new Promise((resolve) => (arrive = resolve)) : answer
      },
      { ...KEYS, onKey },
    )

    const slow = marketo.syncLead(LEAD)
    await vi.waitFor(() => expect(requests).toHaveLength(1))
    changing.key = NEW
    await marketo.syncLead(LEAD)
    arrive(new Response(CREATED))
    await slow
    await marketo.syncLead(LEAD)

    expect(changing.seen).toEqual(['old', 'old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })

  it('leave a call its result when whoever is told throws', async () => {
    const onKey = () => {
      throw new Error('the log is full')
    }

    expect(await client(tenant(NEW), { onKey }).syncLead(LEAD)).toMatchObject({ status: 'CREATED' })
  })

  it('share the time of the call', async () => {
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
    ['no other', undefined],
    ['an empty other', ''],
    ['the same twice', OLD],
  ])('are not two when there is %s', async (_what, nextSecretKey) => {
    const other = tenant(NEW)

    await expect(client(other, { nextSecretKey }).syncLead(LEAD)).rejects.toMatchObject({ code: '20014' })
    expect(other.seen).toEqual(['old'])
  })

  it('serve the relay’s deliveries as well', async () => {
    const tenantOfNew = tenant(NEW)
    const onKey = vi.fn()
    const { transport, calls } = transportTo(() => tenantOfNew.respond(calls.at(-1)?.body ?? ''), { ...KEYS, onKey })

    expect(await deliverAlone(transport)).toEqual({ kind: 'sent', leadId: 700123 })
    expect(await deliverAlone(transport)).toEqual({ kind: 'sent', leadId: 700123 })
    expect(tenantOfNew.seen).toEqual(['old', 'new', 'new'])
    expect(onKey.mock.calls).toEqual([['next']])
  })
})
