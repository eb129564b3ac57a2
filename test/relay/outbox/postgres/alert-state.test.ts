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
      const { outbox, memory, close } = await openStore({ database: url, limits: WIDE }, 'no folder', () => {})
      onTestFinished(close)
      if (!memory) throw new Error('relays on one database have no shared memory')
      const alert = (each: Alert) => void alerts.push(each)
      return { outbox, memory, monitor: createAlertMonitor({ outbox, memory, now: () => now, log: vi.fn(), alert }) }
    }),
  )
  return {
    url,
    alerts,
    outbox: relays[0]!.outbox,
    memory: relays[0]!.memory,
    /** Has all monitors look at the same moment. */
    async look(at: number) {
      now = at
      await Promise.all(relays.map(({ monitor }) => monitor.look()))
    },
  }
}

withPostgres({ fsync: 'on' }, (server) => {
  describe('relays on one PostgreSQL', () => {
    it('raise one alert for an issue when it begins, when it lasts, and when it ends', async () => {
      const { outbox, look, alerts } = await startRelays(server, 4)
      const reason = '20014 Authentication Failed: "acme" \\ 密码'
      await outbox.add([lead('a')], T)

      await settleBatch(outbox, await claimBatch(outbox), { kind: 'stopped', retryAt: LATER, reason, blocked: true })
      for (const at of [T, T + MINUTE, T + 60 * MINUTE]) await look(at)
      const probe = await claimBatch(outbox, LATER, LATER + MINUTE)
      await settleBatch(outbox, probe, { kind: 'delivered', leadId: 7 }, LATER)
      for (const at of [T + 61 * MINUTE, T + 62 * MINUTE]) await look(at)

      expect(alerts.map((alert) => [alert.change, alert.kind, alert.reason])).toEqual([
        ['began', 'blocked', reason],
        ['lasts', 'blocked', reason],
        ['ended', 'blocked', reason],
      ])
    })

    it('refuse to write what they have seen when another relay was quicker', async () => {
      const { memory } = await startRelays(server, 1)
      const seen = (since: number) => ({ backlog: { since } })

      const written = [await memory.write(seen(1), {}), await memory.write(seen(2), {}), await memory.read()]

      expect(written).toEqual([true, false, seen(1)])
    })

    it('have one row for it, whatever writes a second one', async () => {
      const { url } = await startRelays(server, 1)

      const second = server.ask('INSERT INTO form_sync_alert_state VALUES (false)', url)

      await expect(second).rejects.toThrow('check constraint')
    })

    it('report that the row is lost', async () => {
      const { url, memory } = await startRelays(server, 1)

      await connect(url).run('DELETE FROM form_sync_alert_state')

      await expect(memory.read()).rejects.toThrow('the table form_sync_alert_state has lost its row')
    })
  })
})
