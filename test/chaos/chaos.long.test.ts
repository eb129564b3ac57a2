import { describe, expect, it } from 'vitest'
import { run } from './run.ts'
import { shortRun } from './runs.ts'

/** A fixed seed, so that a failure can be repeated. */
const SEED = 20_260_731

describe('a relay that crashes all the time', () => {
  it(
    `delivers every acknowledged lead in order (seed ${SEED}; npm run test:chaos runs for longer)`,
    { timeout: 600_000 },
    async () => {
      const options = shortRun({ seed: SEED, submissions: 120, relayStarts: 3 })

      const { report, checks, evidence, log, planned } = await run(options)

      const broken = checks.filter(({ violations }) => violations.length > 0).map(({ rule }) => rule)
      expect(broken, report.join('\n')).toEqual([])
      expect(evidence.submissions).toHaveLength(planned)
      expect(evidence.submissions.some(({ answeredAt }) => answeredAt.length > 0)).toBe(true)
      expect(evidence.calls.some(({ applied }) => applied)).toBe(true)
      expect(log.relayStarts).toBeGreaterThanOrEqual(3)
    },
  )
})
