/** Several Marketo accounts in one PostgreSQL: an outbox sees and delivers the leads of its own account. */
import { describe, expect, it } from 'vitest'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { claimBatch, idsOf, LATER, lead, SECOND, settleBatch, T, WIDE } from '../../../suites/outbox/leads.ts'
import { connect, optionsOf } from './nodes.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const PARKED = { kind: 'parked', reason: 'no e-mail' } as const

withPostgres({ fsync: 'off' }, (server) => {
  /** Opens the outboxes of two accounts in one database. */
  async function open(limits = WIDE) {
    const database = connect(await server.schema())
    const [acme, globex] = await Promise.all(
      ['acme', 'globex'].map((account) => createPostgresOutbox(database, { ...optionsOf(limits), account })),
    )
    return { database, acme: acme!, globex: globex! }
  }

  describe('two accounts in one database', () => {
    it('lease their own leads, also of one person and at the same time', async () => {
      const { acme, globex } = await open()
      const person = { person: 'ana@example.com' }
      await acme.add([lead('a', person)], T)
      await globex.add([lead('g', person)], T)

      const claimed = [await acme.claim(T, LATER, 10), await globex.claim(T, LATER, 10)]

      expect(claimed.map(idsOf)).toStrictEqual([[['a']], [['g']]])
    })

    it('have call budgets of their own', async () => {
      const { acme, globex } = await open({ ...WIDE, concurrency: 1, callsPerDay: 1 })
      await acme.add([lead('a1'), lead('a2')], T)
      await globex.add([lead('g')], T)

      const claimed = [await acme.claim(T, LATER, 10), await globex.claim(T, LATER, 10)]

      expect(claimed.map((batches) => batches.length)).toStrictEqual([1, 1])
      expect(await acme.acquireSlot(T, LATER)).toHaveProperty('retryAt')
      expect((await globex.status(T)).day.spent).toBe(1)
    })

    it('have circuit breakers of their own', async () => {
      const { acme, globex } = await open()
      await acme.add([lead('a')], T)
      await globex.add([lead('g')], T)

      const stopped = { kind: 'stopped', retryAt: LATER, reason: '20014', blocked: true } as const
      await settleBatch(acme, await claimBatch(acme), stopped)

      expect(await acme.claim(T, LATER, 10)).toStrictEqual([])
      expect(await globex.claim(T, LATER, 10)).toHaveLength(1)
      expect(await globex.status(T)).not.toHaveProperty('breaker')
    })

    it('count, list and sweep their own leads', async () => {
      const { acme, globex } = await open()
      await acme.add([lead('a1'), lead('a2'), lead('a3', { hold: 'spam' })], T)
      await settleBatch(acme, await claimBatch(acme), PARKED)
      await globex.add([lead('g')], T)
      await settleBatch(globex, await claimBatch(globex), DELIVERED)

      const lists = await Promise.all((['waiting', 'held', 'parked'] as const).map((state) => globex.list(state, 10)))

      expect(lists).toStrictEqual([[], [], []])
      expect(await globex.status(T)).toMatchObject({ waiting: 0, held: 0, parked: 0, delivered: 1 })
      expect(await acme.status(T)).toMatchObject({ waiting: 1, held: 1, parked: 1, delivered: 0 })
      expect(await acme.sweep(LATER, 10)).toBe(0)
      expect(await acme.nextDueAt(T)).toBe(T)
      expect(await globex.nextDueAt(T)).toBeUndefined()
    })

    it('share their ids: a lead whose id is known to the other account changes nothing', async () => {
      const { acme, globex } = await open()
      await acme.add([lead('a')], T)

      await globex.add([lead('a', { form: 'other' })], T)

      expect(await acme.find('a')).toMatchObject({ form: 'contact' })
      expect(await globex.status(T)).toMatchObject({ waiting: 0 })
    })

    it('neither find nor replay leads of each other', async () => {
      const { acme, globex } = await open()
      await acme.add([lead('a')], T)
      await settleBatch(acme, await claimBatch(acme), PARKED)

      expect(await globex.find('a')).toBeUndefined()
      expect(await globex.replay(['a'], {}, T)).toStrictEqual([{ id: 'a', result: 'unknown' }])
      expect(await acme.find('a')).toMatchObject({ state: 'parked' })
      expect(await acme.replay(['a'], {}, T + SECOND)).toStrictEqual([{ id: 'a', result: 'replayed' }])
      expect(idsOf(await acme.claim(T + SECOND, LATER, 10))).toStrictEqual([['a']])
    })
  })
})
