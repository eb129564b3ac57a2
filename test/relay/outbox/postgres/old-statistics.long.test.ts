/** The plans of the outbox do not depend on the statistics: those of a time when the table was empty are the worst. */
import { expect, it } from 'vitest'
import type { Settlement } from '../../../../relay/outbox/outbox.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { connectPostgres } from '../../../../relay/runtime/node/postgres-pool.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { lead, LATER, T, WIDE_BATCHES } from '../../../suites/outbox/leads.ts'
import { LONG_TIMEOUTS } from './nodes.ts'

withPostgres({ fsync: 'off' }, (server) => {
  it('a crowd is taken and delivered by the statistics of an empty table', { timeout: 120_000 }, async () => {
    const url = await server.schema()
    const database = connectPostgres(url, 1, LONG_TIMEOUTS)
    const limits = { ...WIDE_BATCHES, callsPerDay: 100 }
    const outbox = await createPostgresOutbox(database, { ...OUTBOX_OPTIONS, limits })
    await outbox.add(
      Array.from({ length: 30 }, (_, n) => lead(`before-${n}`)),
      T,
    )
    await server.ask('DELETE FROM form_sync_job; DELETE FROM form_sync_counter; ANALYZE form_sync_job', url)

    // The time limit of a statement is 30 s. One that computes something anew for each pair of leads would exceed it.
    await outbox.add(
      Array.from({ length: 1_100 }, (_, n) => lead(`lead-${n}`, { cookie: `c-${n}`, form: n % 2 ? 'a' : 'b' })),
      T,
    )
    let delivered = 0
    for (let now = T; delivered < 1_100; now += 1_000) {
      const batches = await outbox.claim(now, LATER, 10)
      for (const { id, jobs, owed } of batches) {
        const settlements = jobs.map((job): Settlement => {
          return { id: job.lead.id, attempt: job.attempt, kind: 'delivered', leadId: 7 }
        })
        const associated = owed ? [{ id: owed.cookie.id, attempt: owed.attempt, owed: true as const }] : []
        await outbox.settle(
          id,
          [...settlements, ...associated.map((each): Settlement => ({ ...each, kind: 'delivered', leadId: 7 }))],
          now,
        )
        delivered += jobs.length
      }
    }

    expect((await outbox.status(T)).delivered).toBe(1_100)
    await database.close()
  })
})
