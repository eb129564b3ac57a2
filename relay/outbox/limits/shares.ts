/**
 * The shares of the day's calls: what leads with weak evidence may use at most, and what leads leave to servers. Pure.
 *
 * A lead has weak evidence when little shows that a person has sent it. What such leads use that share calls is in
 * `weak-calls.ts`.
 */
import type { Limits } from './limits.ts'

/** Calls of a day by who made them. */
export interface DayCalls {
  /** All calls. */
  spent: number
  /** Calls for a lead with weak evidence that shares none. */
  weak?: number | undefined
  /** Number of times that such a lead was put off to the next day. */
  putOff?: number | undefined
  /** Calls of servers. */
  servers?: number | undefined
}

/** What a call beside the batches is for: a server, or a lead with weak evidence. */
export type CallUse = 'server' | 'weak'

/** Returns the calls that leads with weak evidence may use in a day: at least one, so that each of them goes some day. */
export function weakCallsOf({ callsPerDay, weakShare = 100 }: Limits): number {
  return Math.max(1, Math.floor((callsPerDay * weakShare) / 100))
}

/** Returns how many more calls may be made for leads with weak evidence today. */
export function weakCallsLeft({ weak = 0 }: DayCalls, limits: Limits): number {
  return Math.max(0, weakCallsOf(limits) - weak)
}

/** Returns the calls of a day that leads leave to servers. */
export function serverCallsOf({ callsPerDay, serverShare = 0 }: Limits): number {
  return Math.floor((callsPerDay * serverShare) / 100)
}

/** Returns the calls of a day that leads may use: all but those that are still kept for servers. */
export function callsForLeads({ servers = 0 }: DayCalls, limits: Limits): number {
  return limits.callsPerDay - Math.max(0, serverCallsOf(limits) - servers)
}
