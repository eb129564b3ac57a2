/** A dispatcher on a memory outbox, with a clock that the test moves and a Marketo that the test answers for. */
import { expect, vi } from 'vitest'
import {
  createDispatcher,
  LIMITS,
  type DispatcherOptions,
  type Lead,
  type Limits,
  type LogEvent,
  type Outbox,
  type Transport,
  type Verdict,
} from '../../../relay/index.ts'
import type { BatchKeys } from '../../../relay/outbox/batch-planner.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { lead as createLead } from '../../suites/outbox/leads.ts'
import { NOW } from '../../support/relay.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND

export const DELIVERED: Verdict = { kind: 'delivered', leadId: 700_123 }

/** Time for what takes a moment, but seconds on a busy machine. */
export const SOON = { interval: 1, timeout: 10_000 }

/** Creates a lead of a person of its own, unless `person` names another. */
export function lead(id: string, person = id): Lead {
  return createLead(id, { email: `${person}@acme.example`, attributes: [], acceptedAt: NOW })
}

export interface StartOptions extends Partial<Omit<DispatcherOptions, 'limits' | 'outbox'>> {
  limits?: Partial<Limits>
  /** Those of SOAP by default. */
  batchKeys?: BatchKeys
  /** Answers the call for a cookie; it is associated by default. */
  associate?: Transport['associate']
  /** Whether a call without a lead gets through; false by default. */
  probePasses?: boolean
  /** Methods of the outbox that the test replaces. */
  replaced?: (outbox: Outbox, moveClock: (ms: number) => void) => Partial<Outbox>
}

/** Each lead goes in a batch of its own, and waits are as long as they may be, unless the test says otherwise. */
export function startDispatcher({
  limits: over,
  batchKeys,
  replaced,
  probePasses = false,
  associate = async () => DELIVERED,
  ...options
}: StartOptions = {}) {
  const limits = { ...LIMITS, leadsPerCall: 1, ...over }
  const outbox = createMemoryOutbox(limits, batchKeys)
  const events: LogEvent[] = []
  const calls: { ids: string[]; leads: readonly Lead[]; answer: (...verdicts: Verdict[]) => void }[] = []
  let now = NOW
  let wakesAt: number | undefined
  const moveClock = (ms: number) => void (now += ms)
  const dispatcher = createDispatcher({
    outbox: { ...outbox, ...replaced?.(outbox, moveClock) },
    transport: {
      probe: async () => probePasses,
      associate,
      deliver: (leads) =>
        new Promise((resolve) => {
          // The last verdict is that of all leads that follow.
          const answer = (...verdicts: Verdict[]) => resolve(leads.map((_, at) => verdicts[at] ?? verdicts.at(-1)!))
          calls.push({ ids: leads.map(({ id }) => id), leads, answer })
        }),
    },
    now: () => now,
    random: () => 1,
    wakeAt: (time) => (wakesAt = time),
    log: (event) => events.push(event),
    limits,
    ...options,
  })
  return {
    outbox,
    events,
    calls,
    dispatcher,
    limits,
    /** The leads of each call. */
    sent: () => calls.map(({ ids }) => ids.join()),
    wakesAt: () => wakesAt,
    moveClock,
    /** Waits until Marketo was called this often, and answers the last call. */
    async called(times: number, ...verdicts: Verdict[]) {
      await vi.waitFor(() => expect(calls).toHaveLength(times), SOON)
      if (verdicts.length > 0) calls[times - 1]?.answer(...verdicts)
    },
    /** Waits until the job is in this state. */
    async becomes(id: string, state: object) {
      await vi.waitFor(async () => expect(await outbox.find(id)).toMatchObject(state), SOON)
    },
    /** Waits until an event of this kind was logged. */
    async logged(event: object) {
      await vi.waitFor(() => expect(events).toContainEqual(expect.objectContaining(event)), SOON)
    },
    /** Moves the clock to the time that the dispatcher has set, and wakes it. Returns the time since the start. */
    async passTime() {
      await vi.waitFor(() => expect(wakesAt ?? 0).toBeGreaterThan(now), SOON)
      now = wakesAt ?? now
      dispatcher.wake()
      return now - NOW
    },
  }
}
