/**
 * The calls that leads with weak evidence share, however many they are: in any 24 hours no more than their share of the day's
 * calls, and two at least. Half of them may go at any time, so that on a quiet day no lead waits; once these are used, the
 * others go one by one, evenly spread. So a flood of such leads uses no more calls, and leaves those after it a short wait.
 * Pure.
 */
import type { Limits } from './limits.ts'
import { weakCallsOf } from './shares.ts'

const DAY_MS = 24 * 3_600_000

/** Returns how many calls may go at any time, and the time in which one of them is there again; undefined without a bound. */
function boundOf(limits: Limits): { atOnce: number; everyMs: number } | undefined {
  if ((limits.weakShare ?? 100) >= 100) return undefined
  const atOnce = Math.max(1, Math.floor(weakCallsOf(limits) / 2))
  return { atOnce, everyMs: Math.ceil(DAY_MS / atOnce) }
}

/**
 * Returns how many such calls may start now.
 *
 * @param fullAt when all of them are there again, in epoch ms; in the past when they are
 */
export function sharedWeakCallsLeft(fullAt: number, limits: Limits, now: number): number {
  const bound = boundOf(limits)
  if (!bound) return Infinity
  return Math.max(0, bound.atOnce - Math.ceil(Math.max(0, fullAt - now) / bound.everyMs))
}

/** Returns when the next such call may start: in the past when it may now. */
export function nextSharedWeakCallAt(fullAt: number, limits: Limits): number {
  const bound = boundOf(limits)
  return bound ? fullAt - (bound.atOnce - 1) * bound.everyMs : 0
}

/** Returns when all of them are there again once `calls` have started. */
export function weakFullAfter(fullAt: number, calls: number, limits: Limits, now: number): number {
  const bound = boundOf(limits)
  return bound && calls > 0 ? Math.max(fullAt, now) + calls * bound.everyMs : fullAt
}

/** Clamps the time after the clock went backwards: it is no later than if all calls had started now. */
export function clampWeakFull(fullAt: number, now: number): number {
  return Math.min(fullAt, now + DAY_MS)
}
