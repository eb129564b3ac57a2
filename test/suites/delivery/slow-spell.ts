/** A Marketo that is slow for a while must not cost many calls afterwards. */
import { expect, it } from 'vitest'
import { LIMITS } from '../../../relay/outbox/limits/limits.ts'
import { lead, SECOND, T } from '../outbox/leads.ts'
import type { OpenEmpty } from './suite.ts'
import { startMarketo, stored, timedOut } from './marketo.ts'

const SPELL_END = T + 45 * SECOND
const LEADS = 3_000

export function slowSpell(open: OpenEmpty, isWhole: boolean): void {
  it.each(isWhole ? [1, 5] : [1])(
    'a slow spell of 45 s, after which 3,000 leads need at most 15 calls: concurrency %i',
    { timeout: 60_000 },
    async (concurrency) => {
      const limits = { ...LIMITS, timeout: 5 * SECOND, concurrency }
      const outbox = await open(limits)
      const leads = Array.from({ length: LEADS }, (_, n) => lead(`lead-${n}`))
      for (let n = 0; n < LEADS; n += 300) await outbox.add(leads.slice(n, n + 300), T)
      const { calls, writes, runUntil } = startMarketo(outbox, limits, (call) =>
        call.startedAt < SPELL_END ? timedOut(call, limits.timeout) : stored(),
      )

      await runUntil(T + 3_600 * SECOND)

      expect(new Set(writes.map((write) => write.lead.id)).size).toBe(LEADS)
      expect(calls.filter(({ startedAt }) => startedAt >= SPELL_END).length).toBeLessThanOrEqual(15)
    },
  )
}
