import { describe, expect, it } from 'vitest'
import {
  afterAnswer,
  afterNoAnswer,
  clampBatchSize,
  isGrowingBack,
  type BatchSize,
} from '../../../relay/outbox/batch-size.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'

const LIMIT = 300
const MINUTE = 60 * SECOND

/** Returns the sizes of consecutive full batches, each of which gets no answer or is answered. */
function story(answers: readonly boolean[], start?: BatchSize): [number[], BatchSize | undefined] {
  let current = start
  const sizes = answers.map((answered) => {
    const size = Math.min(LIMIT, current?.max ?? LIMIT)
    current = answered ? afterAnswer(current, size, LIMIT, T) : afterNoAnswer(current, size, T)
    return size
  })
  return [sizes, current]
}

describe('the batch size of an account', () => {
  it('halves from 300 to 1 in a slow spell, and is back at 300 after five answered batches, one at a time', () => {
    const [down, smallest] = story(Array(10).fill(false))
    const [up, grown] = story(Array(5).fill(true), smallest)
    const [, full] = story([true], grown)

    expect(down).toStrictEqual([300, 150, 75, 37, 18, 9, 4, 2, 1, 1])
    expect(smallest).toStrictEqual({ max: 1 })
    expect(up).toStrictEqual([1, 4, 16, 64, 256])
    expect(grown?.max).toBe(300)
    expect(full).toBeUndefined()
    for (const max of up) expect(isGrowingBack({ max }, LIMIT, T)).toBe(true)
    expect(isGrowingBack(grown, LIMIT, T)).toBe(false)
    expect(isGrowingBack(full, LIMIT, T)).toBe(false)
  })

  it('stays at the configured size while batches are answered', () => {
    expect(afterAnswer(undefined, 300, LIMIT, T)).toBeUndefined()
    expect(afterAnswer(undefined, 7, LIMIT, T)).toBeUndefined()
  })

  it('halves the size of the batch that got no answer, not the configured one', () => {
    expect(afterNoAnswer(undefined, 40, T)).toStrictEqual({ max: 20 })
    expect(afterNoAnswer({ max: 64 }, 10, T)).toStrictEqual({ max: 5 })
  })

  it('is not changed by one lead that gets no answer', () => {
    expect(afterNoAnswer(undefined, 1, T)).toBeUndefined()
    expect(afterNoAnswer({ max: 8 }, 1, T)).toStrictEqual({ max: 8 })
  })

  it('is not changed by batches that were leased before it was halved', () => {
    expect(afterNoAnswer({ max: 150 }, 300, T)).toStrictEqual({ max: 150 })
  })

  it('is not reduced by the answer of a small batch', () => {
    expect(afterAnswer({ max: 64 }, 3, LIMIT, T)).toStrictEqual({ max: 64, answered: 3 })
    expect(afterAnswer({ max: 64 }, 1, LIMIT, T)).toStrictEqual({ max: 64 })
  })

  it('returns to the last answered size when a larger one gets no answer, and keeps it for ten minutes', () => {
    const [, answered] = story([false, false, false, true])
    const held = afterNoAnswer(answered, 148, T)

    expect(answered).toStrictEqual({ max: 148, answered: 37 })
    expect(held).toStrictEqual({ max: 37, holdUntil: T + 10 * MINUTE })
    expect(isGrowingBack(held, LIMIT, T + 10 * MINUTE - 1)).toBe(false)
    expect(isGrowingBack(held, LIMIT, T + 10 * MINUTE)).toBe(true)
    expect(afterAnswer(held, 37, LIMIT, T + 10 * MINUTE - 1)).toMatchObject({ max: 37 })
    expect(afterAnswer(held, 37, LIMIT, T + 10 * MINUTE)).toMatchObject({ max: 148 })
  })

  it('is held for ten minutes at most when the clock went backwards', () => {
    const held = { max: 37, answered: 37, holdUntil: T + 10 * MINUTE }

    expect(clampBatchSize(held, T - 60 * MINUTE)).toStrictEqual({ ...held, holdUntil: T - 50 * MINUTE })
    expect(clampBatchSize(held, T)).toStrictEqual(held)
    expect(clampBatchSize({ max: 37 }, T)).toStrictEqual({ max: 37 })
  })
})
