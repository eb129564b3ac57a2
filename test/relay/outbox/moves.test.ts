/** Replays that move leads between two accounts, at random: none is lost, doubled or miscounted. */
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moveReplayed, type JobMoves, type MovedJob } from '../../../relay/outbox/move-between.ts'
import { createMoveJob } from '../../../relay/outbox/move-job.ts'
import type { OutboxOptions } from '../../../relay/outbox/options.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { createPostgresOutbox } from '../../../relay/outbox/postgres/outbox.ts'
import { createSqliteMoves } from '../../../relay/outbox/sqlite/move.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'
import { connectPostgres } from '../../../relay/runtime/node/postgres-pool.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { AFTER_LEAD, TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import { makeFolder } from '../../support/folder.ts'
import { withPostgres } from '../../support/postgres.ts'
import { lead, SECOND, settleBatch, T, WIDE } from '../../suites/outbox/leads.ts'

const ACCOUNTS = ['default', 'second'] as const
type Account = (typeof ACCOUNTS)[number]

const PARKED = { kind: 'parked', reason: 'no such attribute' } as const
const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const LEASE_MS = 100 * SECOND

const account = fc.constantFrom(...ACCOUNTS)
const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    account,
    person: fc.constantFrom('p', 'q'),
    cookie: fc.option(fc.constantFrom('c', 'd'), { nil: undefined }),
    held: fc.boolean(),
  }),
  fc.record({ do: fc.constant('settle' as const), account, outcome: fc.constantFrom(PARKED, DELIVERED) }),
  fc.record({ do: fc.constant('replay' as const), account, to: account }),
)
const steps = fc.array(step, { minLength: 4, maxLength: 20 })
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

type Open = (options: OutboxOptions) => Promise<Outbox>

async function run(taken: readonly Step[], open: Open): Promise<void> {
  const keys = { default: TEST_BATCH_KEYS, second: AFTER_LEAD }
  const moveJob = createMoveJob((name) => keys[name as Account])
  const opened = { crypto: NODE_CRYPTO, limits: WIDE, moveJob }
  const outboxes = {
    default: await open({ ...opened, account: 'default', batchKeys: keys.default }),
    second: await open({ ...opened, account: 'second', batchKeys: keys.second }),
  }
  const added: string[] = []
  let now = T

  /** Leases one batch and settles it. Returns whether there was one. */
  async function settle(name: Account, outcome: typeof PARKED | typeof DELIVERED): Promise<boolean> {
    const [batch] = await outboxes[name].claim(now, now + LEASE_MS, 1)
    if (!batch) return false
    if (batch.owed) {
      const { cookie, attempt } = batch.owed
      await outboxes[name].settle(batch.id, [{ id: cookie.id, attempt, owed: true, ...DELIVERED }], now)
    } else await settleBatch(outboxes[name], batch, outcome, now)
    return true
  }

  /** Each lead is in one account, and is counted there in its state. */
  async function check(): Promise<void> {
    const counted = { waiting: 0, held: 0, parked: 0, delivered: 0 }
    for (const name of ACCOUNTS) {
      const found = await Promise.all(added.map((id) => outboxes[name].find(id)))
      const states = found.flatMap((record) => record?.state ?? [])
      const status = await outboxes[name].status(now)
      for (const state of ['waiting', 'held', 'parked', 'delivered'] as const) {
        expect(status[state], `${state} in ${name}`).toBe(states.filter((own) => own === state).length)
        counted[state] += status[state]
      }
    }
    expect(Object.values(counted).reduce((sum, count) => sum + count)).toBe(added.length)
  }

  for (const each of taken) {
    now += SECOND
    if (each.do === 'add') {
      const { person, cookie, held } = each
      const id = `lead-${added.length}`
      const more = { ...(cookie !== undefined && { cookie }), ...(held && { hold: 'spam' }) }
      await outboxes[each.account].add([lead(id, { person, acceptedAt: now, ...more })], now)
      added.push(id)
    } else if (each.do === 'settle') await settle(each.account, each.outcome)
    else {
      const forms = { contact: { account: each.to, constants: [], associate: 'always' as const } }
      await outboxes[each.account].replay(added, { forms }, now)
    }
    await check()
  }

  for (const name of ACCOUNTS) {
    await outboxes[name].replay(added, {}, now)
    // A lead may be due when a lease would have ended that began before.
    now += 2 * LEASE_MS
    while (await settle(name, DELIVERED)) now += SECOND
    expect(await outboxes[name].status(now)).toMatchObject({ waiting: 0, held: 0, parked: 0 })
  }
  await check()
}

it('leads that are moved on SQLite are in one account each, are counted there, and are delivered', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const sql = openSqlite(join(makeFolder(), 'outbox.sqlite'))
      try {
        await run(taken, (options) => createSqliteOutbox(sql, options))
      } finally {
        sql.close()
      }
    }),
    { numRuns: 25 },
  )
})

describe('leads that are moved between two databases', () => {
  /** Opens accounts, each in a database of its own. Two of three transfers fail, and are repeated. */
  function openSeparately() {
    const files: ReturnType<typeof openSqlite>[] = []
    const moves = new Map<string, JobMoves>()
    let transfers = 0

    async function open(options: OutboxOptions): Promise<Outbox> {
      const { moveJob, ...separate } = options
      const sql = openSqlite(join(makeFolder(), 'outbox.sqlite'))
      files.push(sql)
      const outbox = await createSqliteOutbox(sql, separate)
      const own = await createSqliteMoves(sql, separate)
      moves.set(options.account!, own)
      return {
        ...outbox,
        async replay(ids, edit, now) {
          const send = async (account: string, jobs: MovedJob[]) => {
            transfers += 1
            if (transfers % 3 === 1) throw new Error('crash before it is stored')
            await moves.get(account)!.receive(jobs, now)
            if (transfers % 3 === 2) throw new Error('crash before it is removed')
          }
          const replay = async () =>
            moveReplayed(await outbox.replay(ids, edit, now), own, { moveJob: moveJob!, send }, edit, now)
          return replay().catch(replay).catch(replay)
        },
      }
    }

    return { open, close: () => files.forEach((sql) => sql.close()) }
  }

  it('are in one account each, are counted there, and are delivered, also after crashes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const { open, close } = openSeparately()
        try {
          await run(taken, open)
        } finally {
          close()
        }
      }),
      { numRuns: 50 },
    )
  })
})

withPostgres({ fsync: 'off' }, (server) => {
  it('leads that are moved on PostgreSQL are in one account each, are counted there, and are delivered', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const database = connectPostgres(await server.schema())
        try {
          await run(taken, (options) => createPostgresOutbox(database, options))
        } finally {
          await database.close()
        }
      }),
      { numRuns: 6 },
    )
  })
})
