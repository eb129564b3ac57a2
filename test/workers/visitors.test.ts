/** The cookie of a visitor whose people, and who itself, belong to different objects: it ends with the newest lead's person. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Lead } from '../../relay/intake/lead.ts'
import { batchKeysOf } from '../../relay/marketo/transport.ts'
import { oweCookies, shardOf } from '../../relay/outbox/sharding.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { WORKERD_CRYPTO } from '../../relay/runtime/cloudflare/outbox-crypto.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'
import { CREATED } from '../relay/marketo/soap/samples.ts'
import { lead, settleNext } from '../suites/outbox/leads.ts'
import { LeadOutbox } from './worker.ts'

type Stub = DurableObjectStub<LeadOutbox>

/** Time for what takes a few seconds, but more on a busy machine. */
const SOON = { interval: 20, timeout: 15_000 }

const NAMES = ['outbox', 'outbox-1', 'outbox-2']
const COOKIE = textIn(2, (n) => `id:123-ABC-456&token:_mch-acme.example-1764000000000-${n}`)
const STALE = 'cookie left out: a later lead of the same visitor was delivered with it'
const ASSOCIATED = 'cookie associated in a call of its own'

/** Returns the first text that belongs to the object with this number. */
function textIn(at: number, make: (n: number) => string): string {
  for (let n = 0; ; n += 1) if (shardOf(make(n), NAMES.length) === at) return make(n)
}

function leadIn(at: number, name: string, acceptedAt: number): Lead {
  const email = textIn(at, (n) => `${name}-${n}@acme.example`)
  return lead(name, { email, cookie: COOKIE, acceptedAt })
}

/** Answers the calls in place of Marketo. Returns the people that the cookie was associated with, and the leads that came. */
function startMarketo() {
  const owners: string[] = []
  const sent: string[] = []
  const emails: string[] = []
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const { pathname, searchParams } = new URL(request.url)
    const body = await request.text()
    if (pathname.startsWith('/identity')) return Response.json({ access_token: 'a:int', expires_in: 3_599 })
    if (pathname.startsWith('/rest')) {
      const email = /"email":"([^"]+)"/.exec(body)?.[1]
      if (email !== undefined) {
        sent.push(email)
        emails.push(email)
        return Response.json({ success: true, result: [{ id: emails.length, status: 'created' }] })
      }
      const id = Number(/leads\/(\d+)\/associate/.exec(pathname)?.[1])
      if (searchParams.get('cookie') === COOKIE) owners.push(emails[id - 1] ?? '?')
      return Response.json({ success: true })
    }
    const email = /<Email>([^<]+)</.exec(body)?.[1] ?? '?'
    if (body.includes('marketoCookie>')) owners.push(email)
    else sent.push(email)
    return new Response(CREATED)
  })
  onTestFinished(() => spy.mockRestore())
  return { owners, sent }
}

describe.each([
  ['SOAP', () => env.DELIVERING, 'soap'],
  ['REST', () => env.REST, 'rest'],
] as const)('the cookie of a visitor with people in two objects, by %s', (_, objects, transport) => {
  const objectAt = (at: number): Stub => {
    const namespace = objects()
    return namespace.get(namespace.idFromName(NAMES[at] ?? ''))
  }
  const now = Date.now()
  const mistyped = leadIn(0, 'mistyped', now - 9_000)
  const corrected = leadIn(1, 'corrected', now - 1_000)

  async function deliver(at: number, given: Lead, note: string): Promise<void> {
    await objectAt(at).add([given], Date.now())
    await vi.waitFor(async () => expect(await objectAt(at).find(given.id)).toMatchObject({ notes: [note] }), SOON)
  }

  beforeEach(async () => {
    vi.spyOn(console, 'log').mockReturnValue()
    onTestFinished(() => void vi.restoreAllMocks())
    for (const at of NAMES.keys()) {
      await runInDurableObject(objectAt(at), (_: LeadOutbox, { storage }) => storage.deleteAll())
      await evictDurableObject(objectAt(at))
    }
  })

  it('goes to the corrected address after the mistyped one', async () => {
    const { owners } = startMarketo()

    await deliver(0, mistyped, ASSOCIATED)
    await deliver(1, corrected, ASSOCIATED)

    expect(owners).toEqual([mistyped.email, corrected.email])
  })

  it('stays with the corrected address when the mistyped one is delivered later, also after its object and the visitor’s were evicted', async () => {
    const { owners, sent } = startMarketo()

    await deliver(1, corrected, ASSOCIATED)
    for (const at of [1, 2]) await evictDurableObject(objectAt(at))
    await deliver(0, mistyped, STALE)

    expect(owners).toEqual([corrected.email])
    expect(sent).toEqual([corrected.email, mistyped.email])
  })

  it('is associated once the object of the visitor answers again, and the lead is not sent again', async () => {
    const { owners, sent } = startMarketo()
    const asked = vi.spyOn(LeadOutbox.prototype, 'takeTurn').mockRejectedValueOnce(new Error('overloaded'))

    await deliver(1, corrected, ASSOCIATED)

    // Once again, and at the end of the turn.
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(3), SOON)
    expect(owners).toEqual([corrected.email])
    expect(sent).toEqual([corrected.email])
  })

  it('is associated by an object that died when its lead was delivered, and had not asked yet', async () => {
    const { owners, sent } = startMarketo()
    await runInDurableObject(objectAt(1), async (_: LeadOutbox, { storage }) => {
      const batchKeys = oweCookies(batchKeysOf(transport))
      const outbox = await createSqliteOutbox(durableObjectSql(storage), { batchKeys, crypto: WORKERD_CRYPTO })
      await outbox.add([corrected], now)
      await settleNext(outbox, { kind: 'delivered', leadId: 7 }, now)
    })
    await evictDurableObject(objectAt(1))

    await objectAt(1).check()

    await vi.waitFor(
      async () => expect(await objectAt(1).find('corrected')).toMatchObject({ notes: [ASSOCIATED] }),
      SOON,
    )
    expect(owners).toHaveLength(1)
    expect(sent).toEqual([])
  })
})
