/**
 * Selections of undelivered leads, which are surveyed and discarded: what a selector may name, how a survey groups, and the
 * place at which the next step goes on. Pure; the databases have the conditions in SQL.
 */
import { leadOf, type JobRow } from './job-row.ts'
import type { JobRecord, ListedState } from './outbox.ts'

/** Conditions that a lead meets all of; one that is absent is met by each lead. */
export interface LeadSelector {
  id?: string
  state?: ListedState
  form?: string
  /** Name of a rule that has fired for the post, perhaps with others. */
  rule?: string
  /** Digest of the network that the lead came from; see `lead-source.ts`. */
  source?: string
  /** First time of acceptance, in epoch ms. */
  acceptedFrom?: number
  /** Time of acceptance before which the leads were accepted, in epoch ms. */
  acceptedUntil?: number
  /** Domain of the address, in lower case. */
  domain?: string
}

/**
 * What a survey may group by. `hour` is that of the acceptance; `reason` that of the last failure, or of the hold. `rule` are
 * all rules that have fired for a lead, with commas between them.
 */
export const GROUP_KEYS = ['form', 'source', 'hour', 'domain', 'state', 'reason', 'rule'] as const

export type GroupKey = (typeof GROUP_KEYS)[number]

/** Number of leads of one state in a group. */
export interface LeadGroup {
  /** The value that the leads have in common, an hour in ISO 8601; null for those that have none. */
  value: string | null
  state: ListedState
  leads: number
}

export interface SurveyPage {
  /** Groups of the leads that were examined. A further page may have the same values. */
  groups: LeadGroup[]
  /** Place at which the next page begins, if there is one. */
  next?: string
}

/** Who discards leads, and why: both are noted on the receipts. */
export interface Discarding {
  by: string
  /** Contains no personal data. */
  reason: string
  /** Counts the leads, changes nothing. */
  dryRun: boolean
}

export interface DiscardStep {
  /** Leads that were discarded, or that would be. */
  discarded: number
  /** Leads that the selector matches and that were left alone, because a call for them is under way. */
  underWay: number
  /** Place at which the next step begins, if there is one. */
  next?: string
}

/** Maximum number of leads that one step discards, in one transaction. */
export const MAX_DISCARDS = 500

/** Number of jobs that one step examines. */
export const EXAMINED_JOBS = 5_000

/** The states in which leads are examined, one after the other. */
const STATES: readonly ListedState[] = ['waiting', 'held', 'parked']

/** A place among the jobs of a state: they are in the order of a time, and of one time in the order of their numbers. */
export interface Place {
  state: ListedState
  at: number
  seq: number
}

/**
 * Reads a place. Without one it is the beginning; undefined where the selector names a state and the place is beyond it.
 *
 * @throws RangeError when the text is no place
 */
export function readPlace(text: string | undefined, { state }: LeadSelector): Place | undefined {
  if (!text) return { state: state ?? STATES[0]!, at: -1, seq: -1 }
  const [, named, at, seq] = /^(waiting|held|parked)\.(-?\d{1,16})\.(-?\d{1,16})$/.exec(text) ?? []
  if (named === undefined) throw new RangeError('"after" must be the "next" of the previous step, unchanged')
  return state === undefined || state === named
    ? { state: named as ListedState, at: Number(at), seq: Number(seq) }
    : undefined
}

/** Returns whether a text may be the place of a step, also that of several outboxes together. */
export function isPlace(text: string): boolean {
  return /^(\d{1,3}:){0,3}((waiting|held|parked)\.-?\d{1,16}\.-?\d{1,16})?$/.test(text)
}

/**
 * Returns the place after a step, as text.
 *
 * @param end the last job that the step has examined; undefined when it has examined all of the state
 */
export function placeAfter(
  { state }: Place,
  end: Pick<Place, 'at' | 'seq'> | undefined,
  selector: LeadSelector,
): string | undefined {
  if (end) return `${state}.${end.at}.${end.seq}`
  const next = STATES[STATES.indexOf(state) + 1]
  return next === undefined || selector.state !== undefined ? undefined : `${next}.-1.-1`
}

/** The column by which the jobs of a state are in order. */
export function timeColumn(state: ListedState): 'accepted_at' | 'settled_at' {
  return state === 'waiting' ? 'accepted_at' : 'settled_at'
}

/** Returns the values by which a statement finds jobs of an account that were accepted in time, after a place. */
export function startValues(account: string, { state, at, seq }: Place, selector: LeadSelector): (string | number)[] {
  const { acceptedFrom = 0, acceptedUntil = Number.MAX_SAFE_INTEGER } = selector
  const isEarlier = state === 'waiting' && at < acceptedFrom
  return [account, ...(isEarlier ? [acceptedFrom, -1] : [at, seq]), acceptedFrom, acceptedUntil]
}

/** Place of the domain among the values of `selectionValues`. */
export const DOMAIN_PLACE = 9

/**
 * Returns the values by which a statement finds the selected jobs after a place: those of `startValues` and seven more.
 *
 * @param end the last job that the step examines; undefined when it examines all of the state
 */
export function selectionValues(
  account: string,
  place: Place,
  end: Pick<Place, 'at' | 'seq'> | undefined,
  selector: LeadSelector,
): (string | number | null)[] {
  const { at, seq } = end ?? { at: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER }
  const { id = null, form = null, source = null, domain = null, rule = null } = selector
  return [...startValues(account, place, selector), at, seq, form, source, domain, rule, id]
}

/**
 * Returns the domain of the address of a stored lead, in lower case; null without an address. For leads that the database
 * cannot read, because they are encrypted.
 */
export function domainOf({ lead }: Pick<JobRow, 'lead'>): string | null {
  return domainOfAddress(leadOf({ lead }).email)
}

/**
 * Returns whether a lead meets the conditions of a selector, as the databases do. The source of a lead is known to the databases
 * alone.
 */
export function isSelected(job: JobRecord, selector: Omit<LeadSelector, 'source'>): boolean {
  const { id = job.id, state = job.state, form = job.form, rule, domain } = selector
  const { acceptedFrom = -Infinity, acceptedUntil = Infinity } = selector
  return (
    job.id === id &&
    job.state === state &&
    job.form === form &&
    job.acceptedAt >= acceptedFrom &&
    job.acceptedAt < acceptedUntil &&
    (rule === undefined || job.rules?.includes(rule) === true) &&
    (domain === undefined || (job.lead !== undefined && domainOfAddress(job.lead.email) === domain))
  )
}

function domainOfAddress(email: string): string | null {
  const at = email.indexOf('@')
  return at < 0 ? null : email.slice(at + 1).replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Counts values, as a survey by them would in the database. */
export function countValues(values: readonly (string | null)[]): { value: string | null; leads: number }[] {
  return Array.from(
    Map.groupBy(values, (value) => value),
    ([value, own]) => ({ value, leads: own.length }),
  )
}

/** Time in which a survey by hour counts leads together, in ms. */
const HOUR_MS = 3_600_000

/** Returns the value of a group as the port has it, given that of the database: an hour is a number there. */
export function groupValue(by: GroupKey, value: string | number | null): string | null {
  if (value === null) return null
  return by === 'hour' ? new Date(Number(value) * HOUR_MS).toISOString() : String(value)
}

/**
 * Runs a step in one of several outboxes, and the next one in the next outbox once this one has no more.
 *
 * @param after place of the step: the number of the outbox and the place in it
 */
export async function stepInTurn<Outbox, Step extends { next?: string }>(
  outboxes: readonly Outbox[],
  after: string | undefined,
  step: (outbox: Outbox, after: string | undefined) => Promise<Step>,
): Promise<Step> {
  const [, number = '0', rest = ''] = /^(\d{1,3}):(.*)$/.exec(after || '0:') ?? []
  const outbox = outboxes[Number(number)]
  if (!outbox) throw new RangeError('"after" must be the "next" of the previous step, unchanged')
  const { next, ...done } = await step(outbox, rest || undefined)
  const following = next === undefined ? Number(number) + 1 : Number(number)
  return { ...done, ...(following < outboxes.length && { next: `${following}:${next ?? ''}` }) } as Step
}
