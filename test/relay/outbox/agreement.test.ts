/**
 * Random lives of an outbox: the memory one and SQLite must agree on every answer, and both must keep what the port
 * promises. fast-check prints the seed and the shortest life that fails.
 */
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryOutbox } from '../../../relay/outbox/memory.ts'
import type { Job, Outbox, Outcome } from '../../../relay/outbox/outbox.ts'
import { createSqlOutbox } from '../../../relay/outbox/sql.ts'
import { openSqlite } from '../../../relay/platform/node-sqlite.ts'
import { makeFolder } from '../../support/folder.ts'
import { lead, settlement, T } from './leads.ts'

type Step =
  | { do: 'add'; leads: { id: string; person: string; acceptedAt: number }[]; inMs: number }
  | { do: 'claim'; leaseMs: number; limit: number }
  /** `which` picks among all attempts that ever were, so that late and repeated settlements come too. */
  | { do: 'settle'; which: number[]; outcome: Outcome['kind']; inMs: number; blocked: boolean }
  | { do: 'wait'; ms: number }
  | { do: 'restart' }
  | { do: 'recover' }

const ms = fc.integer({ min: 0, max: 20 })
const newLead = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map((n) => `lead-${n}`),
  person: fc.constantFrom('ann', 'bob', 'cem', 'dee', 'eve', 'fay'),
  acceptedAt: ms.map((n) => T - n),
})
const kind = fc.constantFrom<Outcome['kind']>('delivered', 'delivered', 'retry', 'parked', 'halted')
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), leads: fc.array(newLead), inMs: ms }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('claim' as const), leaseMs: ms, limit: fc.integer({ min: 0, max: 6 }) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        which: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
        outcome: kind,
        inMs: ms,
        blocked: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms }) },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'recover' as const }) },
  ),
  { size: 'medium', maxLength: 60 },
)

function outcomeOf({ outcome, inMs, blocked }: Step & { do: 'settle' }, now: number): Outcome {
  switch (outcome) {
    case 'delivered':
      return { kind: 'delivered', leadId: inMs }
    case 'retry':
      return { kind: 'retry', dueAt: now + inMs, reason: `retry ${inMs}` }
    case 'parked':
      return { kind: 'parked', reason: `parked ${inMs}` }
    case 'halted':
      return { kind: 'halted', until: now + inMs, reason: `halted ${inMs}`, blocked }
    default:
      return outcome satisfies never
  }
}

/** What a claim must never do, whatever came before it. `line` is every id of a person, in the order they came. */
async function expectFair(outbox: Outbox, jobs: readonly Job[], out: Set<string>, line: Map<string, string[]>) {
  const persons = jobs.map((job) => job.lead.person)
  expect(new Set(persons).size, 'no two of one person').toBe(persons.length)
  expect(
    persons.filter((person) => out.has(person)),
    'none of a person who has one out',
  ).toStrictEqual([])
  for (const { lead } of jobs) {
    const ids = line.get(lead.person) ?? []
    const earlier = await Promise.all(ids.slice(0, ids.indexOf(lead.id)).map((id) => outbox.find(id)))
    expect(
      earlier.filter((job) => job?.state === 'waiting'),
      'none before an earlier one of its person',
    ).toStrictEqual([])
  }
}

/** Something is due while something waits, and nothing may be claimed before. */
async function expectPunctual(outbox: Outbox, now: number): Promise<void> {
  const next = await outbox.nextDueAt()
  const { waiting } = await outbox.status()
  expect(next === undefined, 'something is due while something waits').toBe(waiting === 0)
  if (next === undefined || next <= now) return
  expect(await outbox.claim(next - 1, next, 10), 'nothing before it is due').toStrictEqual([])
}

/** Lives one life in both, and compares after each step. */
async function live(life: readonly Step[], path: string): Promise<void> {
  let now = T
  let sql = openSqlite(path)
  const memory = createMemoryOutbox()
  let sqlite = createSqlOutbox(sql)
  const attempts: Job[] = []
  /** Whose job is out until when. */
  const leases = new Map<string, { until: number; attempt: string }>()
  const seen = new Set<string>()
  const line = new Map<string, string[]>()
  const name = (job: Job) => `${job.lead.id} ${job.attempt}`

  for (const step of life) {
    switch (step.do) {
      case 'add': {
        const leads = step.leads.map(({ id, ...over }) => lead(id, over))
        await memory.add(leads, now + step.inMs)
        await sqlite.add(leads, now + step.inMs)
        for (const { id, person } of leads) {
          if (!seen.has(id)) line.set(person, [...(line.get(person) ?? []), id])
          seen.add(id)
        }
        break
      }
      case 'claim': {
        const until = now + step.leaseMs
        const jobs = await memory.claim(now, until, step.limit)
        expect(await sqlite.claim(now, until, step.limit)).toStrictEqual(jobs)
        expect(jobs.length).toBeLessThanOrEqual(step.limit)
        const out = [...leases].filter(([, lease]) => lease.until > now).map(([person]) => person)
        await expectFair(sqlite, jobs, new Set(out), line)
        for (const job of jobs) {
          attempts.push(job)
          leases.set(job.lead.person, { until, attempt: name(job) })
        }
        break
      }
      case 'settle': {
        if (attempts.length === 0) break
        const jobs = step.which.map((n) => attempts[n % attempts.length]).filter((job) => job !== undefined)
        const settlements = jobs.map((job) => settlement(job, outcomeOf(step, now)))
        await memory.settle(settlements, now)
        await sqlite.settle(settlements, now)
        for (const job of jobs) {
          if (leases.get(job.lead.person)?.attempt === name(job)) leases.delete(job.lead.person)
        }
        break
      }
      case 'wait':
        now += step.ms
        break
      case 'restart':
        sql.close()
        sql = openSqlite(path)
        sqlite = createSqlOutbox(sql)
        break
      case 'recover':
        await memory.recover()
        await sqlite.recover()
        leases.clear()
        break
      default:
        step satisfies never
    }

    expect(await sqlite.status()).toStrictEqual(await memory.status())
    expect(await sqlite.nextDueAt()).toBe(await memory.nextDueAt())
    for (const id of seen) expect(await sqlite.find(id)).toStrictEqual(await memory.find(id))
    await expectPunctual(sqlite, now)
  }

  await expectAllToArrive(sqlite, now, seen)
  sql.close()
}

/** Whatever happened before: when each attempt succeeds from now on, every lead comes to an end, each in its turn. */
async function expectAllToArrive(outbox: Outbox, from: number, seen: ReadonlySet<string>): Promise<void> {
  for (let turn = 0; turn <= 2 * seen.size; turn += 1) {
    const next = await outbox.nextDueAt()
    if (next === undefined) break
    const now = Math.max(from, next)
    const jobs = await outbox.claim(now, now, 10)
    expect(jobs, 'handed out when it is due').not.toStrictEqual([])
    await outbox.settle(
      jobs.map((job) => settlement(job, { kind: 'delivered', leadId: 1 })),
      now,
    )
  }
  const { waiting, parked, delivered } = await outbox.status()
  expect({ waiting, all: parked + delivered }).toStrictEqual({ waiting: 0, all: seen.size })
}

it('memory and SQLite agree on every answer, and both keep the promises', { timeout: 60_000 }, async () => {
  const folder = makeFolder()
  let lives = 0

  await fc.assert(
    fc.asyncProperty(steps, async (life) => {
      lives += 1
      await live(life, join(folder, `${lives}.sqlite`))
    }),
    { numRuns: 100 },
  )
})
