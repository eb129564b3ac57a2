/** Days of leads with weak evidence, in simulated time: how many calls they use, and who waits for how long. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Lead } from '../../relay/intake/lead.ts'
import { LIMITS } from '../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../relay/outbox/outbox.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'
import { AFTER_LEAD } from '../oracle/memory-outbox.ts'
import { lead, settleBatch, T } from '../suites/outbox/leads.ts'
import { makeFolder } from '../support/folder.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

interface Delivered {
  id: string
  weak: boolean
  waitedMs: number
}

/** Sends all that may be sent now, each call answered at once. Returns the number of calls. */
async function sendDue(outbox: Outbox, now: number, delivered: Delivered[]): Promise<number> {
  const batches = await outbox.claim(now, now + 100_000, 5)
  for (const batch of batches) {
    await settleBatch(outbox, batch, { kind: 'delivered', leadId: 7 }, now)
    for (const { lead: each } of batch.jobs) {
      delivered.push({ id: each.id, weak: each.weak ?? false, waitedMs: now - each.acceptedAt })
    }
  }
  return batches.length === 0 ? 0 : batches.length + (await sendDue(outbox, now, delivered))
}

interface Run {
  callsPerDay: number
  ms: number
  /** The clock of the relay goes on by this time. */
  tickMs: number
  /** Returns the leads of each tick. */
  come: (tick: number) => Lead[]
}

/** Runs a relay for a time. */
async function run({ callsPerDay, ms, tickMs, come }: Run): Promise<{ calls: number; delivered: Delivered[] }> {
  const limits = { ...LIMITS, callsPerDay, weakShare: 20 }
  const sql = openSqlite(join(makeFolder(), 'outbox.sqlite'))
  const outbox = await createSqliteOutbox(sql, { batchKeys: AFTER_LEAD, crypto: NODE_CRYPTO, limits })
  const delivered: Delivered[] = []
  let calls = 0
  for (let tick = 0; tick * tickMs < ms; tick += 1) {
    const now = T + tick * tickMs
    const leads = come(tick)
    if (leads.length > 0)
      await outbox.add(
        leads.map((each) => ({ ...each, acceptedAt: now })),
        now,
      )
    if (((await outbox.nextDueAt(now)) ?? Infinity) <= now) calls += await sendDue(outbox, now, delivered)
  }
  sql.close()
  return { calls, delivered }
}

const longestWait = (delivered: readonly Delivered[]) => Math.max(...delivered.map(({ waitedMs }) => waitedMs))

it('a slow flood of a day uses a share of the calls, and delays no visitor and no lead of a victim whose address it uses', async () => {
  const ofVictim = { person: 'victim', email: 'victim@example.com' } as Partial<Lead>
  const flood = (tick: number) => lead(`flood-${tick}`, { weak: true, ...(tick % 3 === 0 && ofVictim) })
  const visitors = (tick: number) => (tick % 24 === 1 ? [lead(`visitor-${tick}`, ofVictim)] : [])

  // A tenth of the usual calls, and of the leads that would use up more than half of them.
  const { calls, delivered } = await run({
    callsPerDay: 500,
    ms: DAY,
    tickMs: 5 * MINUTE,
    come: (tick) => [flood(tick), ...visitors(tick)],
  })

  const others = delivered.filter(({ weak }) => !weak)
  expect(others).toHaveLength(12)
  expect(longestWait(others)).toBe(0)
  expect(calls - others.length).toBeLessThanOrEqual(100)
  expect(delivered.length).toBeGreaterThan(200)
})

it('a visitor whose post is weak evidence waits for no call on a quiet day, and for minutes after a slow flood', async () => {
  const visitor = (tick: number) => lead(`visitor-${tick}`, { weak: true, workspace: 'w1' })
  const settings = { callsPerDay: 5_000, tickMs: 30_000 }
  const quiet = await run({ ...settings, ms: DAY / 12, come: (tick) => (tick % 20 === 0 ? [visitor(tick)] : []) })
  // 600 calls would be needed, two each time.
  const flood = await run({
    ...settings,
    ms: DAY / 6,
    come: (tick) => {
      if (tick < 300) return [1, 2].map((n) => lead(`flood-${tick}-${n}`, { weak: true, workspace: `w${n}` }))
      return tick % 7 === 0 ? [visitor(tick)] : []
    },
  })

  expect(longestWait(quiet.delivered)).toBe(0)
  const after = flood.delivered.filter(({ id }) => id.startsWith('visitor'))
  expect(after.length).toBeGreaterThan(3)
  expect(longestWait(after)).toBeGreaterThan(0)
  expect(longestWait(after)).toBeLessThan(7 * MINUTE)
})
