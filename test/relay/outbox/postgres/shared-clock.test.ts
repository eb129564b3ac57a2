import { describe, expect, it } from 'vitest'
import { createSharedClock } from '../../../../relay/outbox/postgres/shared-clock.ts'
import { T } from '../../../suites/outbox/leads.ts'

/** A database's clock, `ahead` of a node's own, and the ways to it and back: each takes as long as the next entry says. */
function database(ahead: number, ways: [there: number, back: number][] = []) {
  let own = 1_000
  const world = {
    ahead,
    ways,
    elapsed: () => own,
    wait: (ms: number) => void (own += ms),
    async ask() {
      const [there, back] = world.ways.shift() ?? [1, 1]
      own += there
      const theirs = own + world.ahead
      own += back
      return theirs
    },
    /** What the database would say now. */
    theirs: () => own + world.ahead,
  }
  return world
}

describe('the clock that nodes share', () => {
  it('shows the time of the database from the start, and goes on by itself', async () => {
    const world = database(T)

    const clock = await createSharedClock(world.ask, world.elapsed)
    const first = clock.now()
    world.wait(250)

    expect(first).toBe(world.theirs() - 250)
    expect(clock.now()).toBe(world.theirs())
  })

  it('goes by the quickest answer, and is wrong by half its way there and back at the most', async () => {
    const world = database(T, [
      [300, 0],
      [10, 2],
      [0, 90],
    ])

    const clock = await createSharedClock(world.ask, world.elapsed)

    expect(clock.now() - world.theirs()).toBe(4)
  })

  it('is right on nodes whose own clocks differ', async () => {
    const [one, two] = [database(T), database(T - 3_600_000)]
    two.wait(3_600_000)

    const clocks = await Promise.all([one, two].map(({ ask, elapsed }) => createSharedClock(ask, elapsed)))

    expect(clocks[0]!.now()).toBe(clocks[1]!.now())
  })

  it('is set anew where the database has been set', async () => {
    const world = database(T)
    const clock = await createSharedClock(world.ask, world.elapsed)

    world.ahead = T - 5_000
    await clock.set()

    expect(clock.now()).toBe(world.theirs())
  })

  it('does not tremble with answers that take their time', async () => {
    const world = database(T)
    const clock = await createSharedClock(world.ask, world.elapsed)

    world.ways = [
      [40, 0],
      [40, 0],
      [40, 0],
    ]
    await clock.set()

    expect(clock.now()).toBe(world.theirs())
  })

  it('goes on as it was where the database does not answer', async () => {
    const world = database(T)
    let silent = false
    const clock = await createSharedClock(
      () => (silent ? Promise.reject(new Error('no answer')) : world.ask()),
      world.elapsed,
    )

    silent = true
    world.ahead = T + 10_000
    const setting = clock.set()

    await expect(setting).rejects.toThrow('no answer')
    expect(clock.now()).toBe(world.theirs() - 10_000)
  })

  it('shows whole milliseconds', async () => {
    const world = database(T + 0.7)

    const clock = await createSharedClock(world.ask, world.elapsed)

    expect(clock.now()).toBe(T + 1_006)
  })
})
