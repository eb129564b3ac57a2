/** A Marketo and a dispatcher in simulated time: hours pass as fast as the outbox answers. */
import { createDispatcher } from '../../../relay/delivery/dispatcher.ts'
import type { OwedCookie, Verdict } from '../../../relay/delivery/transport.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { T } from '../outbox/leads.ts'

/** One call, as Marketo sees it. */
export interface Call {
  /** Empty when the call associates a cookie. */
  leads: readonly Lead[]
  owed?: OwedCookie
  startedAt: number
}

/** Marketo's treatment of a call. */
export interface Reply {
  /** Verdicts for the leads, in their order; the last one is that of all leads that follow. */
  verdicts: readonly Verdict[]
  /** Time from the start until the verdicts reach the relay, in ms. */
  afterMs: number
  /** Time from the start until Marketo stores leads, in ms. The default is `afterMs`. */
  storedAfterMs?: number
  /** True to store all leads; the default is to store those whose verdict says so. */
  stores?: boolean
}

/** A write of one lead, in the order in which Marketo has made them. */
export interface Write {
  at: number
  lead: Lead
}

export const DELIVERED: Verdict = { kind: 'delivered', leadId: 7 }

/** Time that a call without a lead takes, in ms. */
const PROBE_MS = 100

/** Returns the reply of a Marketo that works. */
export function stored(afterMs = 1_000): Reply {
  return { verdicts: [DELIVERED], afterMs }
}

/** Returns the reply to a call that times out, as the SOAP transport reports it. */
export function timedOut({ leads }: Pick<Call, 'leads'>, timeout: number): Reply {
  const fault = leads.length > 1 ? 'batch' : 'lead'
  return { verdicts: [{ kind: 'failed', fault, arrived: 'maybe', reason: 'no reply' }], afterMs: timeout }
}

/**
 * Starts a dispatcher at time `T`.
 *
 * @param reply says what Marketo does with a call
 * @param random for the waits of the dispatcher
 * @param answersProbes whether a call without a lead gets through at a time
 */
export function startMarketo(
  outbox: Outbox,
  limits: Limits,
  reply: (call: Call) => Reply,
  random: () => number = () => 0.5,
  answersProbes: (now: number) => boolean = () => true,
) {
  const calls: Call[] = []
  const writes: Write[] = []
  /** The addresses that Marketo has associated with each cookie, the last one at the end. */
  const owners = new Map<string, string[]>()
  /** Times of the calls without a lead. */
  const probes: number[] = []
  /** Writes, replies and plans of the test, each at its time. */
  let events: { at: number; run: () => void | Promise<void> }[] = []
  let now = T
  let wakesAt: number | undefined = T
  let pending = 0

  /** Counts the calls of the outbox that are not answered yet. */
  function counted<Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => {
      pending += 1
      try {
        return await method(...args)
      } finally {
        pending -= 1
      }
    }
  }

  function at(time: number, run: () => void | Promise<void>): void {
    events.push({ at: time, run })
  }

  function own(cookie: string, email: string): void {
    owners.set(cookie, [...(owners.get(cookie) ?? []), email])
  }

  const dispatcher = createDispatcher({
    outbox: {
      ...outbox,
      claim: counted(outbox.claim),
      settle: counted(outbox.settle),
      acquireSlot: counted(outbox.acquireSlot),
      nextDueAt: counted(outbox.nextDueAt),
      // Its first call loads a module, which takes a while of real time.
      expire: counted(outbox.expire),
      sweep: counted(outbox.sweep),
    },
    transport: {
      probe: () =>
        new Promise((resolve) => {
          probes.push(now)
          at(now + PROBE_MS, () => resolve(answersProbes(now)))
        }),
      deliver: (leads) =>
        new Promise((resolve) => {
          const call = { leads, startedAt: now }
          calls.push(call)
          const { verdicts, afterMs, storedAfterMs = afterMs, stores } = reply(call)
          const verdictOf = (index: number) => verdicts[index] ?? verdicts.at(-1) ?? DELIVERED
          at(now + storedAfterMs, () => {
            for (const [index, lead] of leads.entries()) {
              if (!(stores ?? verdictOf(index).kind === 'delivered')) continue
              writes.push({ at: now, lead })
              if (lead.cookie !== undefined) own(lead.cookie, lead.email)
            }
          })
          at(now + afterMs, () => resolve(leads.map((_, index) => verdictOf(index))))
        }),
      associate: (owed) =>
        new Promise((resolve) => {
          const call = { leads: [], owed, startedAt: now }
          calls.push(call)
          const { verdicts, afterMs, storedAfterMs = afterMs, stores } = reply(call)
          const [verdict = DELIVERED] = verdicts
          at(now + storedAfterMs, () => {
            if (stores ?? verdict.kind === 'delivered') own(owed.cookie, owed.email)
          })
          at(now + afterMs, () => resolve(verdict))
        }),
    },
    now: () => now,
    random,
    wakeAt: (time) => (wakesAt = time),
    log: () => {},
    limits,
  })

  /** Waits until the dispatcher waits for time to pass. */
  async function idle(): Promise<void> {
    for (let turns = 0; turns < 2; turns += pending === 0 ? 1 : 0) {
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }

  return {
    calls,
    probes,
    writes,
    owners,
    wake: () => dispatcher.wake(),
    /** Plans something for a time; the dispatcher is woken after it. */
    plan: (time: number, run: () => Promise<unknown>) =>
      at(time, async () => {
        await run()
        dispatcher.wake()
      }),
    /** Lets time pass until `end`, or until nothing is left to do. */
    async runUntil(end: number): Promise<void> {
      for (;;) {
        await idle()
        const next = Math.min(wakesAt ?? Infinity, ...events.map((event) => event.at))
        if (next > end) break
        now = Math.max(now, next)
        const due = events.filter((event) => event.at <= now).toSorted((a, b) => a.at - b.at)
        events = events.filter((event) => event.at > now)
        for (const { run } of due) await run()
        if (wakesAt !== undefined && wakesAt <= now) {
          wakesAt = undefined
          dispatcher.wake()
        }
      }
      now = Math.max(now, Number.isFinite(end) ? end : now)
    },
  }
}
