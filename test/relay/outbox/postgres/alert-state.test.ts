/** What the relays on one PostgreSQL have seen of issues: each is told once, and not by each. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { connectPostgres } from '../../../../relay/runtime/node/postgres-pool.ts'
import { openStore } from '../../../../relay/runtime/node/store.ts'
import { createAlertMonitor, type Alert } from '../../../../relay/monitoring/alerts.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import { claimCall, LATER, lead, settleCall, T, WIDE } from '../../../suites/outbox/leads.ts'

const MINUTE = 60_000

/** Opens it as a relay does that shares it with others. */
async function open(url: string) {
  const { outbox, alertStore: store, close } = await openStore({ database: url, limits: WIDE }, 'no folder', () => {})
  onTestFinished(close)
  if (!store) throw new Error('relays on one database share an alert store')
  return { outbox, store }
}

/** As many relays, each with its own connections and its own watch, and what any of them has told. */
async function startRelays(server: PostgresServer, count: number) {
  const url = await server.schema()
  const told: Alert[] = []
  let now = T
  const relays = await Promise.all(
    Array.from({ length: count }, async () => {
      const { outbox, store } = await open(url)
      const log = vi.fn()
      const alert = (each: Alert) => void told.push(each)
      return { outbox, monitor: createAlertMonitor({ outbox, store, now: () => now, log, alert }) }
    }),
  )
  return {
    url,
    told,
    outbox: relays[0]!.outbox,
    /** All look at the same moment. */
    async look(at: number) {
      now = at
      await Promise.all(relays.map(({ monitor }) => monitor.check()))
    },
  }
}

withPostgres({}, (server) => {
  describe('relays on one PostgreSQL', () => {
    it('raise one alert when an issue starts, while it is ongoing, and when it is resolved', async () => {
      const { outbox, look, told } = await startRelays(server, 4)
      // Neither may stand in a text of PostgreSQL.
      const reason = 'no \0 and no \uD800'
      await outbox.add([lead('a')], T)

      await settleCall(outbox, await claimCall(outbox), { kind: 'halted', until: LATER, reason, blocked: true })
      for (const at of [T, T + MINUTE, T + 60 * MINUTE]) await look(at)
      await settleCall(outbox, await claimCall(outbox, LATER, LATER + MINUTE), { kind: 'delivered', leadId: 7 }, LATER)
      for (const at of [T + 61 * MINUTE, T + 62 * MINUTE]) await look(at)

      expect(told.map(({ change, kind, reason: said }) => [change, kind, said])).toEqual([
        ['started', 'blocked', reason],
        ['ongoing', 'blocked', reason],
        ['resolved', 'blocked', reason],
      ])
    })

    it('go on with what the first version kept', async () => {
      const url = await server.schema()
      const database = connectPostgres(url)
      onTestFinished(() => database.close())
      const before = await createPostgresOutbox(database, WIDE)
      await before.add([lead('a')], T)
      await database.run('DROP TABLE form_sync_watch')
      await database.run('UPDATE form_sync_meta SET version = 1')

      const { outbox, store } = await open(url)

      expect(await store.read()).toEqual({})
      expect(await outbox.find('a')).toMatchObject({ state: 'waiting' })
    })

    it('keep no second memory, whatever writes it', async () => {
      const { url } = await startRelays(server, 1)

      const second = server.ask('INSERT INTO form_sync_watch VALUES (false)', url)

      await expect(second).rejects.toThrow('check constraint')
    })
  })
})
