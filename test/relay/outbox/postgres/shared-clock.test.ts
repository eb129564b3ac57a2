import { describe, expect, it } from 'vitest'
import { createSharedClock } from '../../../../relay/outbox/postgres/shared-clock.ts'
import { T } from '../../../suites/outbox/leads.ts'

/**
 * Creates a database whose clock is ahead of the node's own.
 *
 * @param trips time of the way to the database and of the way back, in ms, for each question
 */
function createDatabase(ahead: number, trips: [there: number, back: number][] = []) {
  let own = 1_000
  const database = {
    ahead,
    trips,
    elapsed: () => own,
    wait: (ms: number) => void (own += ms),
    async ask() {
      const [there, back] = database.trips.shift() ?? [1, 1]
      own += there
      const time = own + database.ahead
      own += back
      return time
    },
    /** Returns what the clock of the database shows now. */
    time: () => own + database.ahead,
  }
  return database
}

describe('the clock that nodes share', () => {
  it('shows the time of the database from the start, and then runs by itself', async () => {
    const database = createDatabase(T)

    const clock = await createSharedClock(database.ask, database.elapsed)
    const first = clock.now()
    database.wait(250)

    expect(first).toBe(database.time() - 250)
    expect(clock.now()).toBe(database.time())
  })

  it('uses the quickest of three answers, and is wrong by at most half of its round trip', async () => {
    const database = createDatabase(T, [
      [300, 0],
      [10, 2],
      [0, 90],
    ])

    const clock = await createSharedClock(database.ask, database.elapsed)

    expect(clock.now() - database.time()).toBe(4)
  })

  it('shows the same time on nodes whose own clocks differ', async () => {
    const [one, two] = [createDatabase(T), createDatabase(T - 3_600_000)]
    two.wait(3_600_000)

    const clocks = await Promise.all([one, two].map(({ ask, elapsed }) => createSharedClock(ask, elapsed)))

    expect(clocks[0]!.now()).toBe(clocks[1]!.now())
  })

  it('follows the database when that clock was set', async () => {
    const database = createDatabase(T)
    const clock = await createSharedClock(database.ask, database.elapsed)

    database.ahead = T - 5_000
    await clock.set()

    expect(clock.now()).toBe(database.time())
  })

  it('does not change when an answer took longer than the difference that it shows', async () => {
    const database = createDatabase(T)
    const clock = await createSharedClock(database.ask, database.elapsed)

    database.trips = [
      [40, 0],
      [40, 0],
      [40, 0],
    ]
    await clock.set()

    expect(clock.now()).toBe(database.time())
  })

  it('goes on as before when the database does not answer', async () => {
    const database = createDatabase(T)
    let silent = false
    const clock = await createSharedClock(
      () => (silent ? Promise.reject(new Error('no answer')) : database.ask()),
      database.elapsed,
    )

    silent = true
    database.ahead = T + 10_000
    const setting = clock.set()

    await expect(setting).rejects.toThrow('no answer')
    expect(clock.now()).toBe(database.time() - 10_000)
  })

  it('shows whole milliseconds', async () => {
    const database = createDatabase(T + 0.7)

    const clock = await createSharedClock(database.ask, database.elapsed)

    expect(clock.now()).toBe(T + 1_006)
  })
})
