/**
 * Three outboxes that share the people of an account, each with a dispatcher, and one Marketo, in simulated time. An outbox
 * may die between any two steps of an owed cookie's delivery, and may be unreachable for the others.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { associateInTurn } from '../../../relay/delivery/cookie-turns.ts'
import { createDispatcher, type Dispatcher } from '../../../relay/delivery/dispatcher.ts'
import type { OwedCookie, Verdict } from '../../../relay/delivery/transport.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import type { BatchKeys } from '../../../relay/outbox/batch-planner.ts'
import type { CookieTurns } from '../../../relay/outbox/cookie-turns.ts'
import { LIMITS } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { oweCookies, shardOf } from '../../../relay/outbox/sharding.ts'
import type { Row, Sql, SqlValue } from '../../../relay/outbox/sqlite/database.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'
import { lead, SECOND, T, type LeadParts } from '../../suites/outbox/leads.ts'

const OUTBOXES = 3

/** Time that a call takes, in ms. */
const CALL_MS = SECOND

/** Step of an owed cookie's delivery at which its outbox may die, or the visitor's outbox may not answer. */
export type Step = 'asks' | 'has asked' | 'calls' | 'has called' | 'settles' | 'has settled'

export interface SeveralOptions {
  batchKeys: BatchKeys
  /** Returns Marketo's refusal of a lead; undefined where it is stored. */
  refuse?: (lead: Lead) => Verdict | undefined
  /** Returns Marketo's answer to a call for a cookie. Where it is `maybe`, the cookie is associated all the same. */
  answerCookie?: (owed: OwedCookie) => Verdict
  /** Returns true where the outbox of the lead dies at this step. */
  dies?: (step: Step, owed: OwedCookie) => boolean
  /** Returns true while the outbox of a visitor does not answer the others. */
  isAway?: (now: number) => boolean
}

/** Creates a lead whose person belongs to the outbox with this number. */
export function leadIn(outbox: number, id: string, over: LeadParts = {}): Lead {
  return lead(id, {
    ...over,
    ...findText(
      (n) => ({ email: `${id}-${n}@acme.example` }),
      outbox,
      ({ email }) => email,
    ),
  })
}

/** Returns a cookie whose visitor belongs to the outbox with this number. */
export function cookieIn(outbox: number, name = 'c'): string {
  const text = (n: number) => `id:123-ABC-456&token:_mch-acme.example-${name}-${n}`
  return findText(text, outbox, (cookie) => cookie)
}

function findText<T>(make: (n: number) => T, outbox: number, textOf: (made: T) => string): T {
  for (let n = 0; ; n += 1) if (shardOf(textOf(make(n)), OUTBOXES) === outbox) return make(n)
}

/** Opens a database without a file for the current test. */
function openMemory(): Sql {
  const db = new DatabaseSync(':memory:')
  onTestFinished(() => db.close())
  const prepared = new Map<string, StatementSync>()
  const prepare = (text: string) => {
    const known = prepared.get(text) ?? db.prepare(text)
    prepared.set(text, known)
    return known
  }
  return {
    run: <R extends Row>(statement: string, ...values: SqlValue[]) => prepare(statement).all(...values) as R[],
    write: (statement, ...values) => Number(prepare(statement).run(...values).changes) > 0,
    transaction(work) {
      db.exec('BEGIN')
      try {
        const result = work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
  }
}

/** Starts three outboxes and their dispatchers at time `T`. */
export async function startSeveral(options: SeveralOptions) {
  const { batchKeys, refuse = () => undefined, answerCookie = () => ({ kind: 'delivered', leadId: 7 }) } = options
  const { dies = () => false, isAway = () => false } = options
  const outboxes: (Outbox & CookieTurns)[] = []
  const dispatchers: Dispatcher[] = []
  const wakesAt: (number | undefined)[] = []
  const writes: Lead[] = []
  /** The addresses that each cookie was associated with, the last one at the end. */
  const owners = new Map<string, string[]>()
  /** Calls for a cookie, in the order in which they were over. */
  const cookieCalls: { cookie: string; id: string; from: number; until: number }[] = []
  /** Addresses of Marketo's people; their ids are their places. */
  const people: string[] = []
  let events: { at: number; run: () => void | Promise<unknown> }[] = []
  let now = T
  let pending = 0

  async function counted<R>(work: Promise<R>): Promise<R> {
    pending += 1
    try {
      return await work
    } finally {
      pending -= 1
    }
  }

  const pass = (ms: number) => new Promise<void>((resolve) => events.push({ at: now + ms, run: resolve }))
  const stored = ({ email }: Lead): Verdict => {
    if (!people.includes(email)) people.push(email)
    return { kind: 'delivered', leadId: people.indexOf(email) + 1 }
  }
  const own = (cookie: string, email: string) => owners.set(cookie, [...(owners.get(cookie) ?? []), email])

  /** Starts the dispatcher of an outbox, in place of one that has died. */
  function start(at: number): void {
    const outbox = outboxes[at]!
    let isDead = false
    const alive = <R>(result: R): R | Promise<R> => (isDead ? new Promise<R>(() => {}) : result)
    /** The outbox dies, and is started again by its alarm. */
    const step = async (name: Step, owed: OwedCookie | undefined) => {
      if (owed && !isDead && dies(name, owed)) {
        isDead = true
        events.push({ at: now + 10 * SECOND, run: () => start(at) })
      }
      await alive(undefined)
    }
    /** Passes the results of a method on, unless its outbox has died. */
    const method = <Args extends unknown[], R>(call: (...args: Args) => Promise<R>) => {
      return async (...args: Args): Promise<R> => {
        await alive(undefined)
        return alive(await counted(call(...args)))
      }
    }
    const leased = new Map<string, OwedCookie>()
    const call = async (owed: OwedCookie): Promise<Verdict> => {
      await step('calls', owed)
      const from = now
      const verdict = answerCookie(owed)
      await pass(CALL_MS)
      cookieCalls.push({ cookie: owed.cookie, id: owed.id, from, until: now })
      if (verdict.kind === 'delivered' || (verdict.kind === 'failed' && verdict.arrived === 'maybe'))
        own(owed.cookie, owed.email)
      await step('has called', owed)
      return verdict
    }
    const visitorOf = (owed: OwedCookie) => {
      const turns = outboxes[shardOf(owed.cookie, OUTBOXES)]!
      return {
        async takeTurn(_: string, order: string, lastsMs: number) {
          if (lastsMs > 0) await step('asks', owed)
          if (isAway(now)) throw new Error('Network connection lost.')
          const turn = await counted(turns.takeTurn(owed.cookie, order, lastsMs, now))
          if (lastsMs > 0) await step('has asked', owed)
          return turn
        },
      }
    }
    const associate = (owed: OwedCookie) => {
      leased.set(owed.id, owed)
      return associateInTurn(
        call,
        () => visitorOf(owed),
        LIMITS,
        () => now,
      )(owed)
    }
    const dispatcher = createDispatcher({
      outbox: {
        ...outbox,
        claim: method(outbox.claim),
        async settle(batch, settlements, at, limited) {
          const [first] = settlements
          const owed = first?.owed ? leased.get(first.id) : undefined
          await step('settles', owed)
          await counted(outbox.settle(batch, settlements, at, limited))
          await step('has settled', owed)
        },
        acquireSlot: method(outbox.acquireSlot),
        nextDueAt: method(outbox.nextDueAt),
        // Its first call loads a module, which takes a while of real time.
        expire: method(outbox.expire),
        sweep: method(outbox.sweep),
      },
      transport: {
        probe: async () => true,
        async deliver(leads) {
          const verdicts = leads.map((each) => refuse(each) ?? stored(each))
          await pass(CALL_MS)
          writes.push(...leads.filter((_, index) => verdicts[index]?.kind === 'delivered'))
          for (const { cookie, email } of leads) if (cookie !== undefined) own(cookie, email)
          return verdicts
        },
        associate,
      },
      now: () => now,
      random: () => 0.5,
      wakeAt: (time) => {
        if (!isDead) wakesAt[at] = time
      },
      log: () => {},
    })
    dispatchers[at] = dispatcher
    wakesAt[at] = undefined
    dispatcher.wake()
  }

  for (let at = 0; at < OUTBOXES; at += 1) {
    outboxes.push(await createSqliteOutbox(openMemory(), { batchKeys: oweCookies(batchKeys), crypto: NODE_CRYPTO }))
    start(at)
  }

  /** Waits until all dispatchers wait for time to pass. */
  async function idle(): Promise<void> {
    for (let turns = 0; turns < 2; turns += pending === 0 ? 1 : 0) {
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }

  const outboxOf = ({ person }: Lead) => shardOf(person, OUTBOXES)
  return {
    writes,
    owners,
    cookieCalls,
    /** Returns the record of a lead. */
    find: (of: Lead) => outboxes[outboxOf(of)]!.find(of.id),
    status: () => Promise.all(outboxes.map((outbox) => outbox.status(now))),
    /** Makes Marketo know people, in this order. */
    know: (...emails: string[]) => void people.push(...emails),
    /** Posts a lead at a time, which is that of its acceptance. */
    post(at: number, posted: Lead): void {
      events.push({
        at,
        async run() {
          await outboxes[outboxOf(posted)]!.add([{ ...posted, acceptedAt: at }], at)
          dispatchers[outboxOf(posted)]!.wake()
        },
      })
    },
    replay(at: number, of: Lead, edit: Parameters<Outbox['replay']>[1] = {}): void {
      events.push({
        at,
        async run() {
          await outboxes[outboxOf(of)]!.replay([of.id], edit, at)
          dispatchers[outboxOf(of)]!.wake()
        },
      })
    },
    /** Lets time pass until `end`. */
    async runUntil(end: number): Promise<void> {
      for (;;) {
        await idle()
        const next = Math.min(...wakesAt.map((at) => at ?? Infinity), ...events.map((event) => event.at))
        if (next > end) break
        now = Math.max(now, next)
        const due = events.filter((event) => event.at <= now).toSorted((a, b) => a.at - b.at)
        events = events.filter((event) => event.at > now)
        for (const { run } of due) await run()
        for (const [at, time] of wakesAt.entries()) {
          if (time === undefined || time > now) continue
          wakesAt[at] = undefined
          dispatchers[at]!.wake()
        }
      }
      now = end
    },
  }
}
