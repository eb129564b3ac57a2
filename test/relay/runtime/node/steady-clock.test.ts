import { expect, it } from 'vitest'
import { createSteadyClock } from '../../../../relay/runtime/node/steady-clock.ts'

it('the steady clock advances evenly when the system’s clock is changed', () => {
  let system = 1_700_000_000_000
  let elapsed = 123.4
  const now = createSteadyClock(
    () => system,
    () => elapsed,
  )

  const times = [now()]
  for (const jump of [3_600_000, -86_400_000]) {
    system += jump
    elapsed += 1_000
    times.push(now())
  }

  expect(times).toEqual([1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_000])
})
