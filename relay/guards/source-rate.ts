/**
 * The rate at which a network sends posts, and what it means for a lead. A runtime counts: it has memory or a service for that.
 *
 * Many people may share a network, so that a high rate alone is weak evidence: the lead is taken, and only its cookie is left
 * out. A cookie costs a call of its own at Marketo, and those of a flood are made up.
 */
import type { Lead } from '../intake/lead.ts'

/** What the rate of a network means for one post. */
export type RateVerdict =
  | { kind: 'within' }
  /** The post may be part of a flood. */
  | { kind: 'over' }
  /** The post is part of a flood. */
  | { kind: 'far-over'; retryAfterS: number }

/** Counts a post of a network, and returns what it means. Never rejects. */
export type SourceRate = (network: string) => Promise<RateVerdict>

/** Returns the lead of a post that may be part of a flood: without its cookie, and marked as weak evidence. */
export function asWeak(lead: Lead): Lead {
  return { ...withoutCookie(lead), weak: true }
}

/** Returns the lead without its cookie, with a note that says why, so that it shares a call with others. */
export function withoutCookie(lead: Lead, why = 'many posts of one network'): Lead {
  if (lead.cookie === undefined) return lead
  const { cookie: cookieLeftOut, ...rest } = lead
  return { ...rest, cookieLeftOut, notes: [...lead.notes, `cookie left out: ${why}`] }
}
