import { describe, expect, it, vi } from 'vitest'
import { createDispatcher, LIMITS, type Lead, type Verdict } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'

const SECOND = 1_000

function lead(id: string): Lead {
  const email = 'ana@acme.example'
  return { id, form: 'contact', person: `email:${email}`, email, attributes: [], acceptedAt: NOW, notes: [] }
}

/** A deliverer whose process may stand still after a claim, and whose dice fall in this order. */
function deliveryUnderTest({ stall = 0, dice = [0] }: { stall?: number; dice?: number[] }, verdict: Verdict) {
  const outbox = createMemoryOutbox(LIMITS)
  const sent: string[][] = []
  let now = NOW
  let thrown = 0
  const deliverer = createDispatcher({
    outbox: {
      ...outbox,
      async claim(...words) {
        const calls = await outbox.claim(...words)
        if (calls.length > 0) now += stall
        return calls
      },
    },
    transport: {
      name: 'soap',
      async deliver(leads) {
        sent.push(leads.map(({ id }) => id))
        return leads.map(() => verdict)
      },
    },
    now: () => now,
    random: () => dice[thrown++ % dice.length] ?? 0,
    wakeAt: () => {},
    log: () => {},
  })
  return { outbox, sent, deliverer, set: (time: number) => (now = time) }
}

describe('the deliverer', () => {
  it('does not send what it was given so long ago that it could still be at Marketo when others get it', async () => {
    const { outbox, sent, deliverer } = deliveryUnderTest({ stall: 11 * SECOND }, { kind: 'sent', leadId: 700_001 })
    await outbox.add([lead('a')], NOW)

    deliverer.wake()
    await deliverer.stop()

    expect(sent).toEqual([])
    expect(await outbox.find('a')).toMatchObject({ state: 'waiting', dueAt: NOW + 100 * SECOND })
    expect(await outbox.status(NOW + 11 * SECOND)).toMatchObject({ waiting: 1 })
  })

  it('sends what it was given a moment ago', async () => {
    const { outbox, sent, deliverer } = deliveryUnderTest({ stall: 10 * SECOND }, { kind: 'sent', leadId: 700_001 })
    await outbox.add([lead('a')], NOW)

    deliverer.wake()
    await vi.waitFor(async () => expect(await outbox.find('a')).toMatchObject({ state: 'delivered' }), { interval: 1 })

    expect(sent).toEqual([['a']])
  })

  it('tries leads again together that went as one, so that no older answer comes after a newer one', async () => {
    const { outbox, deliverer } = deliveryUnderTest({ dice: [0.5, 0.25, 0.75] }, { kind: 'retry', reason: '10001' })
    await outbox.add([lead('a'), lead('b')], NOW)

    deliverer.wake()
    await vi.waitFor(async () => expect(await outbox.find('b')).toMatchObject({ reason: '10001' }), { interval: 1 })

    const [a, b] = [await outbox.find('a'), await outbox.find('b')]
    expect(a?.dueAt).toBe(NOW + 2 * SECOND)
    expect(b?.dueAt).toBe(NOW + 2 * SECOND)
  })
})
