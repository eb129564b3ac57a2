import { expect, it } from 'vitest'
import { startPartTime } from './part-time.ts'

function partOf(length: number) {
  const state = { now: 1_000, isCalled: false }
  const timeLeft = startPartTime({ length, now: () => state.now, isCalled: () => state.isCalled })
  return { state, timeLeft }
}

it('a part of a run is over after its time, once Marketo was called', () => {
  const { state, timeLeft } = partOf(4_000)
  state.isCalled = true

  expect(timeLeft()).toBe(4_000)
  state.now += 4_000
  expect(timeLeft()).toBe(0)
})

it('a part of a run goes on until Marketo was called, and half a minute at most', () => {
  const { state, timeLeft } = partOf(4_000)
  state.now += 10_000
  expect(timeLeft()).toBeGreaterThan(0)
  state.isCalled = true
  expect(timeLeft()).toBeLessThan(0)
  state.isCalled = false
  state.now += 24_000
  expect(timeLeft()).toBeLessThan(0)
})
