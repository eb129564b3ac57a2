/** A run by REST in which the relay crashes again and again between the call for a lead and that for its cookie. */
import { expect, it } from 'vitest'
import { run } from './run.ts'
import { cookieRun } from './runs.ts'
import { repeatedValues } from './verdicts/evidence.ts'

const SUBMISSIONS = 400
const RELAY_STARTS = 12

it('a lead is sent once and its cookie is associated, wherever the relay crashes between the two calls', async () => {
  const { checks, evidence, log, report } = await run(
    cookieRun({ seed: 20_261_130, submissions: SUBMISSIONS, relayStarts: RELAY_STARTS }),
  )

  const broken = checks.filter(({ violations }) => violations.length > 0)
  expect(broken, report.join('\n')).toEqual([])
  const crashes = ['associate-before', 'associate-after'].map((step) => log.endings.get(step) ?? 0)
  for (const crash of crashes) expect(crash).toBeGreaterThan(2)
  const { written, repeated } = repeatedValues(evidence.calls)
  expect(written).toBeGreaterThan(SUBMISSIONS)
  expect(repeated).toEqual([])
  const cookies = evidence.calls.filter(({ operation, ok }) => operation === 'associateLead' && ok)
  expect(cookies.length).toBeGreaterThan(crashes[0]! + crashes[1]!)
}, 180_000)
