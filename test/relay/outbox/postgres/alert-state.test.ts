/** Issues that several relays on one PostgreSQL have seen: one of them raises the alert. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openStore } from '../../../../relay/runtime/node/store.ts'
import { createAlertMonitor, type Alert } from '../../../../relay/monitoring/alerts.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import { claimBatch, LATER, lead, settleBatch, T, WIDE } from '../../../suites/outbox/leads.ts'
import { connect } from './nodes.ts'

const MINUTE = 60_000

/** Starts relays, each with connections and an alert monitor of its own, and collects the alerts of all. */
async function startRelays(server: PostgresServer, count: number) {
  const url = await server.schema()
  const alerts: Alert[] = []
  let now = T
  const relays = await Promise.all(
    Array.from({ length: count }, async () => {
      const {
        outbox,
        alertStore: store,
        close,
      } = await openStore(
        { database: url, limits: WIDE, marketo: { endpoint: 'https://marketo.example', userId: 'a', secretKey: 'b' } },
        'no folder',
        () => {},
      )
      onTestFinished(close)
      if (!store) throw new Error('relays on one database have no alert store')
      const alert = (each: Alert) => void alerts.push(each)
      return { outbox, store, monitor: createAlertMonitor({ outbox, store, now: () => now, log: vi.fn(), alert }) }
    }),
  )
  return {
    url,
    alerts,
    outbox: relays[0]!.outbox,
    store: relays[0]!.store,
    /** Has all monitors check at the same moment. */
    async check(at: number) {
      now = at
      await Promise.all(relays.map(({ monitor }) => monitor.check()))
    },
  }
}

withPostgres({ fsync: 'on' }, (server) => {
  describe('relays on one PostgreSQL', () => {
    it('raise one alert when an issue starts, while it is ongoing, and when it is resolved', async () => {
      const { outbox, check, alerts } = await startRelays(server, 4)
      const reason = '20014 Authentication Failed: "acme" \\ 密码'
      await outbox.add([lead('a')], T)

      await settleBatch(outbox, await claimBatch(outbox), { kind: 'stopped', retryAt: LATER, reason, blocked: true })
      for (const at of [T, T + MINUTE, T + 60 * MINUTE]) await check(at)
      const probe = await claimBatch(outbox, LATER, LATER + MINUTE)
      await settleBatch(outbox, probe, { kind: 'delivered', leadId: 7 }, LATER)
      for (const at of [T + 61 * MINUTE, T + 62 * MINUTE]) await check(at)

      expect(alerts.map((alert) => [alert.change, alert.kind, alert.reason])).toEqual([
        ['started', 'blocked', reason],
        ['ongoing', 'blocked', reason],
        ['resolved', 'blocked', reason],
      ])
    })

    it('refuse to write what they have seen when another relay was quicker', async () => {
      const { store } = await startRelays(server, 1)
      const seen = (since: number) => ({ backlog: { since } })

      const written = [await store.write(seen(1), {}), await store.write(seen(2), {}), await store.read()]

      expect(written).toEqual([true, false, seen(1)])
    })

    it('have one row for it, whatever writes a second one', async () => {
      const { url } = await startRelays(server, 1)

      const second = server.ask('INSERT INTO form_sync_alert_state VALUES (false)', url)

      await expect(second).rejects.toThrow('check constraint')
    })

    it('report that the row is lost', async () => {
      const { url, store } = await startRelays(server, 1)

      await connect(url).run('DELETE FROM form_sync_alert_state')

      await expect(store.read()).rejects.toThrow('the table form_sync_alert_state has lost its row')
    })
  })
})
