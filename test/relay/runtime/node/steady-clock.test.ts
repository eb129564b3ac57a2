import { expect, it } from 'vitest'
import { createSteadyClock } from '../../../../relay/runtime/node/steady-clock.ts'

it('goes on evenly, whatever becomes of the system’s clock', () => {
  let system = 1_700_000_000_000
  let passed = 123.4
  const now = createSteadyClock(
    () => system,
    () => passed,
  )

  const times = [now()]
  for (const jump of [3_600_000, -86_400_000]) {
    system += jump
    passed += 1_000
    times.push(now())
  }

  expect(times).toEqual([1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_000])
})
