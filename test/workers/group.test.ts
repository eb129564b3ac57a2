import { runInDurableObject } from 'cloudflare:test'
import { env, exports, waitUntil } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { LeadOutbox } from '../../relay/platform/cloudflare.ts'
import { groupCalls } from '../../relay/platform/cloudflare-group.ts'
import type { Lead } from '../../relay/lead.ts'
import { lead, T } from '../relay/outbox/leads.ts'
import { refusals } from '../relay/outbox/suite/surviving.ts'
import type * as worker from './worker.ts'

declare global {
  /** The runtime's types look here for what the Worker exports. */
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof worker
    }
  }
}

/** Calls that end when they are told to. */
function calling() {
  const calls: { ids: string[]; dueAt: number; end: () => void; fail: (error: Error) => void }[] = []
  const add = groupCalls(
    (leads: readonly Lead[], dueAt: number) =>
      new Promise((end, fail) => calls.push({ ids: leads.map(({ id }) => id), dueAt, end, fail })),
    waitUntil,
  )
  const ids = () => calls.map((call) => call.ids)
  /** The call of this number, from 0, once it is made. */
  const called = (at: number) =>
    vi.waitFor(
      () => {
        const call = calls[at]
        if (!call) throw new Error(`call ${at} was not made`)
        return call
      },
      { interval: 1 },
    )
  return { add, ids, called }
}

describe('calls to an object', () => {
  it('are made at once for a lonely lead', async () => {
    const { add, called, ids } = calling()

    const adding = add([lead('a')], T)
    ;(await called(0)).end()
    await adding

    expect(ids()).toEqual([['a']])
  })

  it('carry all that arrived while another was under way, in the order it came, due when the last of it is', async () => {
    const { add, called, ids } = calling()

    const adding = [add([lead('a')], T)]
    const first = await called(0)
    adding.push(add([lead('b'), lead('c')], T + 1), add([], T), add([lead('d')], T))
    first.end()
    const second = await called(1)
    second.end()
    await Promise.all(adding)

    expect(ids()).toEqual([['a'], ['b', 'c', 'd']])
    expect(second.dueAt).toBe(T + 1)
  })

  it('are made one after the other', async () => {
    const { add, called, ids } = calling()

    const adding = [add([lead('a')], T)]
    const first = await called(0)
    adding.push(add([lead('b')], T))
    await new Promise((resolve) => setTimeout(resolve, 0))
    const during = ids()
    first.end()
    const second = await called(1)
    adding.push(add([lead('c')], T))
    second.end()
    ;(await called(2)).end()
    await Promise.all(adding)

    expect(during).toEqual([['a']])
    expect(ids()).toEqual([['a'], ['b'], ['c']])
  })

  it('tell nobody that a lead is kept before the object has said so', async () => {
    const { add, called } = calling()
    const kept: string[] = []

    const adding = ['a', 'b'].map((id) => add([lead(id)], T).then(() => kept.push(id)))
    const call = await called(0)
    const before = [...kept]
    call.end()
    await Promise.all(adding)

    expect(before).toEqual([])
    expect(kept).toEqual(['a', 'b'])
  })

  it('are made again for each alone when one fails, and tell each what came of their own', async () => {
    const { add, called, ids } = calling()

    const adding = Promise.allSettled(['a', 'b', 'c'].map((id) => add([lead(id)], T)))
    ;(await called(0)).fail(new Error('one of them'))
    for (const at of [1, 2, 3]) {
      const call = await called(at)
      if (call.ids[0] === 'b') call.fail(new Error('b cannot be written'))
      else call.end()
    }
    const outcomes = await adding

    expect(ids()).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('keep the request that makes them going until they have ended', async () => {
    let ended = false
    const kept: Promise<boolean>[] = []
    const add = groupCalls(
      async () => {
        await Promise.resolve()
        ended = true
      },
      (promise) => kept.push(promise.then(() => ended)),
    )

    await add([lead('a')], T)

    expect(await Promise.all(kept)).toEqual([true])
  })

  it('do not wait for ever for one that does not end, and who is in that one calls alone', async () => {
    const ids: string[][] = []
    const add = groupCalls(
      async (leads) => {
        ids.push(leads.map(({ id }) => id))
        // The request that made the first is gone.
        if (ids.length === 1) await new Promise(() => {})
      },
      waitUntil,
      10,
    )

    const first = add([lead('a')], T)
    await vi.waitFor(() => expect(ids.length).toBe(1), { interval: 1 })
    await Promise.all([first, add([lead('b')], T), add([lead('c')], T)])

    expect(ids[0]).toEqual(['a'])
    expect(ids.slice(1)).toContainEqual(['b', 'c'])
    expect(ids.slice(1)).toContainEqual(['a'])
  })
})

const IDS = Array.from({ length: 30 }, (_, at) => `lead-${at}`)

function post(name: string, id: string, init?: RequestInit): Promise<Response> {
  return exports.default.fetch(`https://relay.example/${name}/${id}`, { method: 'POST', ...init })
}

async function callsOf(name: string): Promise<number> {
  return (await exports.default.fetch(`https://relay.example/${name}`)).json()
}

describe('requests that add leads at once', () => {
  it('share a few calls, and each is answered', async () => {
    const responses = await Promise.all(IDS.map((id) => post('together', id)))

    expect(responses.map(({ status }) => status)).toEqual(IDS.map(() => 202))
    expect((await env.LEADS.get(env.LEADS.idFromName('together')).status(T)).waiting).toBe(IDS.length)
    expect(await callsOf('together')).toBeLessThan(IDS.length / 2)
  })

  it('are answered though some of the visitors go away', async () => {
    const gone = new AbortController()

    const responses = IDS.map((id, at) => post('gone', id, at % 3 === 0 ? { signal: gone.signal } : {}))
    gone.abort()
    const outcomes = await Promise.allSettled(responses)

    const answered = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value.status)
    expect(answered).toEqual(IDS.filter((_, at) => at % 3 !== 0).map(() => 202))
    expect(await callsOf('gone')).toBeLessThan(IDS.length / 2)
  })

  it('cost one another nothing when one of the leads cannot be written', async () => {
    const stub = env.LEADS.get(env.LEADS.idFromName('refused'))
    await runInDurableObject(stub, (_: LeadOutbox, { storage }) => {
      for (const trigger of refusals('lead-7')) storage.sql.exec(trigger)
    })

    const responses = await Promise.all(IDS.map((id) => post('refused', id)))

    const refused = IDS.filter((_, at) => responses[at]?.status !== 202)
    expect(refused).toEqual(['lead-7'])
    expect((await stub.status(T)).waiting).toBe(IDS.length - 1)
  })
})
