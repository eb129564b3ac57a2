/** Further calls of an attempt: each within the limits and the lease, and none for a lead that is not sent once more. */
import { describe, expect, it, vi } from 'vitest'
import type { DeliveryContext, Verdict } from '../../../relay/delivery/transport.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'
import { DELIVERED, lead, MINUTE, SECOND, SOON, startDispatcher, type StartOptions } from './start-dispatcher.ts'

const LOST: Verdict = { kind: 'failed', fault: 'lead', arrived: 'maybe', reason: 'no reply' }
const FORM = { marketoForm: 1029 } as const

/** Starts a dispatcher whose transport makes the attempts of the test. */
function start(
  attempt: (context: DeliveryContext, leads: readonly Lead[]) => Promise<Verdict>,
  options: StartOptions = {},
) {
  const contexts: DeliveryContext[] = []
  const leads: Lead[] = []
  const started = startDispatcher({
    batchKeys: AFTER_LEAD,
    ...options,
    transport: {
      probe: async () => true,
      associate: async () => DELIVERED,
      deliver: async (sent, context) => {
        contexts.push(context!)
        leads.push(...sent)
        return [await attempt(context!, sent)]
      },
    },
  })
  return { ...started, contexts, leads }
}

async function weakCalls(isWeak: boolean): Promise<number> {
  const { outbox, dispatcher, becomes } = start(async ({ step }) => {
    await step(async () => {})
    return DELIVERED
  })
  await outbox.add([{ ...lead('a'), ...FORM, ...(isWeak && { weak: true as const }) }], NOW)
  dispatcher.wake()
  await becomes('a', { state: 'delivered' })
  return (await outbox.status(NOW)).day.weak?.spent ?? 0
}

async function statusOf(outbox: Outbox) {
  const { day, ...status } = await outbox.status(NOW)
  return { ...status, spent: day.spent }
}

describe('a step of an attempt', () => {
  it('counts for the share of leads with weak evidence, where its lead is one', async () => {
    expect(await weakCalls(true)).toBe(2)
    expect(await weakCalls(false)).toBe(0)
  })

  it('is made although the batch takes the only call at once, counts as a call, and ends before the next one', async () => {
    const answers: unknown[] = []
    const { outbox, dispatcher, becomes } = start(
      async ({ step }) => {
        answers.push(await step(async (timeout) => timeout), await step(async () => 'second'))
        return DELIVERED
      },
      { limits: { concurrency: 1 } },
    )
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await becomes('a', { state: 'delivered' })

    expect(answers).toEqual([10 * SECOND, 'second'])
    expect(await statusOf(outbox)).toMatchObject({ spent: 3 })
    expect(await outbox.acquireSlot(NOW, NOW + 1)).toHaveProperty('slot')
  })

  it.each([
    ['the calls of the day are spent', { callsPerDay: 1 }],
    ['the rate leaves none', { callsPer20s: 1 }],
  ])('is not made where %s', async (_, limits) => {
    const answers: unknown[] = []
    const call = vi.fn(async () => 'called')
    const { outbox, dispatcher, becomes } = start(
      async ({ step }) => {
        answers.push(await step(call))
        return DELIVERED
      },
      { limits },
    )
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await becomes('a', { state: 'delivered' })

    expect(answers).toEqual([undefined])
    expect(call).not.toHaveBeenCalled()
  })

  it('waits for the rate, as long as the lease leaves time for the call of its lead', async () => {
    const waits: number[] = []
    let moved: (ms: number) => void = () => {}
    const answers: unknown[] = []
    const { outbox, dispatcher, becomes, moveClock } = start(
      async ({ step }) => {
        answers.push(await step(async () => 'first'), await step(async () => 'second'))
        return DELIVERED
      },
      {
        // One call at once, and one more each ten seconds.
        limits: { callsPer20s: 3 },
        wait: async (ms) => {
          waits.push(ms)
          moved(ms)
        },
      },
    )
    moved = moveClock
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await becomes('a', { state: 'delivered' })

    expect(answers).toEqual(['first', undefined])
    expect(waits).toEqual([10 * SECOND])
    expect(await statusOf(outbox)).toMatchObject({ spent: 2 })
  })

  it('is not made when the lease could end before it does', async () => {
    const answers: unknown[] = []
    let moved: (ms: number) => void = () => {}
    const { outbox, dispatcher, becomes, moveClock } = start(async ({ step }) => {
      // A lease of 100 seconds: 10 are left, and then less.
      moved(90 * SECOND)
      answers.push(await step(async () => 'first'))
      moved(1)
      answers.push(await step(async () => 'second'))
      return DELIVERED
    })
    moved = moveClock
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await becomes('a', { state: 'delivered' })

    expect(answers).toEqual(['first', undefined])
  })

  it('that the outbox does not permit because it fails is not made, and the attempt goes on', async () => {
    const answers: unknown[] = []
    const { outbox, dispatcher, becomes, logged } = start(
      async ({ step }) => {
        answers.push(await step(async () => 'called'))
        return DELIVERED
      },
      { replaced: () => ({ acquireSlot: () => Promise.reject(new Error('disk')) }) },
    )
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await becomes('a', { state: 'delivered' })
    await logged({ event: 'error', where: 'step', reason: 'Error: disk' })

    expect(answers).toEqual([undefined])
  })

  it('has half of a short time-out', async () => {
    const answers: unknown[] = []
    const { outbox, dispatcher, becomes } = start(
      async ({ step }) => {
        answers.push(await step(async (timeout) => timeout))
        return DELIVERED
      },
      { limits: { timeout: 4 * SECOND } },
    )
    await outbox.add([lead('a')], NOW)

    dispatcher.wake()
    await becomes('a', { state: 'delivered' })

    expect(answers).toEqual([2 * SECOND])
  })
})

describe('a lead that fills out a Marketo form', () => {
  it('is sent with its id in its receipt, and the number of attempts that may have arrived', async () => {
    const verdicts: Verdict[] = [LOST, { ...LOST, arrived: 'yes' }, DELIVERED]
    const { outbox, dispatcher, contexts, leads, passTime, events } = start(async () => verdicts.shift()!)
    await outbox.add([{ ...lead('a'), ...FORM, receipt: 'Form_Sync_Id__c' }], NOW)

    dispatcher.wake()
    await passTime()
    await passTime()
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ event: 'delivered' }), SOON)

    expect(contexts.map(({ unanswered }) => unanswered)).toEqual([0, 1, 1])
    expect(leads.map(({ attributes }) => attributes)).toEqual(
      leads.map(() => [{ name: 'Form_Sync_Id__c', value: 'a' }]),
    )
    expect(events.at(-1)).not.toHaveProperty('note')
    expect(await outbox.find('a')).toMatchObject({ state: 'delivered', notes: [] })
  })

  it('is not sent a third time without a receipt, nor before the lost call must be over', async () => {
    const { outbox, dispatcher, contexts, passTime, logged } = start(async () => LOST)
    await outbox.add([{ ...lead('a'), ...FORM }], NOW)

    dispatcher.wake()
    const first = await passTime()
    const second = await passTime()
    await logged({ event: 'parked', id: 'a', attempt: 3 })

    expect(contexts).toHaveLength(2)
    expect(first).toBeGreaterThanOrEqual(100 * SECOND)
    expect(second).toBeGreaterThanOrEqual(200 * SECOND)
    expect(await outbox.find('a')).toMatchObject({
      state: 'parked',
      reason:
        '2 attempts got no answer, and each may have filled out the Marketo form 1029: look at the person in Marketo, then replay',
    })
  })

  it('is sent as often as it takes where each attempt is answered, or was never sent', async () => {
    const answered: Verdict = { kind: 'failed', fault: 'lead', arrived: 'no', reason: 'ECONNREFUSED' }
    const verdicts = [answered, answered, answered, DELIVERED]
    const { outbox, dispatcher, contexts, passTime, becomes } = start(async () => verdicts.shift()!)
    await outbox.add([{ ...lead('a'), ...FORM }], NOW)

    dispatcher.wake()
    for (const _each of [1, 2, 3]) await passTime()
    await becomes('a', { state: 'delivered', notes: [] })

    expect(contexts.map(({ unanswered }) => unanswered)).toEqual([0, 0, 0, 0])
  })

  it('that was lost while the relay died is counted as well', async () => {
    const { outbox, dispatcher, contexts, becomes } = start(async () => DELIVERED)
    await outbox.add([{ ...lead('a'), ...FORM }], NOW - MINUTE)
    await outbox.claim(NOW - MINUTE, NOW - 1, 1)

    dispatcher.wake()
    await becomes('a', { state: 'delivered' })

    expect(contexts.map(({ unanswered }) => unanswered)).toEqual([1])
  })
})
