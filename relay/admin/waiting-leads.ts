/**
 * Surveys the leads that are not delivered, and discards those that an operator selects: the admin service behind HTTP and
 * the commands. It knows neither HTTP nor the terminal, and returns no value of a lead but the domains of addresses.
 */
import type { Recorder } from './audit-log.ts'
import { textsOf } from './selector.ts'
import type { ListedState, Outbox } from '../outbox/outbox.ts'
import type { Discarding, GroupKey, LeadSelector } from '../outbox/selection.ts'

/** Maximum number of groups in a survey. The leads of further groups are counted together. */
const MAX_GROUPS = 100

/** Steps of the outbox in one request. It bounds the time of a request; on Cloudflare each step is a call of an object. */
const STEPS_PER_REQUEST = 10

export interface WaitingLeads {
  /** Counts the leads that a selector matches, in groups, the largest first. */
  survey(selector: LeadSelector, by: GroupKey): Promise<Survey>
  /** Discards some of the leads. To discard all, call it again with `next` as `after` until there is no `next`. */
  discard(request: DiscardRequest): Promise<DiscardResult>
}

/** Numbers of leads by state. */
type Counts = Record<ListedState, number>

export interface Survey extends Counts {
  by: GroupKey
  /** An hour is ISO 8601; `value` is null for leads that have none. */
  groups: ({ value: string | null } & Counts)[]
  /** The groups that are not listed, if there are more than `MAX_GROUPS`. */
  others?: { groups: number } & Counts
}

export interface DiscardRequest extends Discarding {
  selector: LeadSelector
  after?: string
}

export interface DiscardResult {
  dryRun: boolean
  /** Leads that were discarded, or that would be. */
  discarded: number
  /** Leads that were left alone, because a call for them is under way. */
  underWay: number
  /** Cursor of the next request, if there may be more leads. */
  next?: string
}

/** Creates the admin service of an outbox. */
export function createWaitingLeads(
  outbox: Pick<Outbox, 'survey' | 'discard'>,
  now: () => number,
  recorder: Recorder,
): WaitingLeads {
  async function discardSome({ selector, by, reason, dryRun, after }: DiscardRequest): Promise<DiscardResult> {
    const result: DiscardResult = { dryRun, discarded: 0, underWay: 0 }
    let next = after
    for (let steps = 0; steps < STEPS_PER_REQUEST; steps += 1) {
      const step = await outbox.discard(selector, { by, reason, dryRun }, now(), next)
      result.discarded += step.discarded
      result.underWay += step.underWay
      next = step.next
      if (next === undefined) return result
    }
    return { ...result, ...(next !== undefined && { next }) }
  }

  return {
    survey: (selector, by) => surveyLeads(outbox, selector, by),

    async discard(request) {
      if (request.dryRun) return discardSome(request)
      const { selector, by, reason } = request
      const act = { kind: 'discard' as const, selector: textsOf(selector), by, reason }
      return recorder.record(
        act,
        () => discardSome(request),
        ({ discarded }) => discarded,
      )
    },
  }
}

/** Counts the leads that a selector matches, in groups, however many leads there are. */
export async function surveyLeads(
  outbox: Pick<Outbox, 'survey'>,
  selector: LeadSelector,
  by: GroupKey,
): Promise<Survey> {
  const groups = new Map<string | null, Counts>()
  let total = none()
  let after: string | undefined
  do {
    const page = await outbox.survey(selector, by, after)
    for (const { value, state, leads } of page.groups) {
      const counted = { ...none(), [state]: leads }
      total = sum([total, counted])
      // A lead counts for each of its rules.
      for (const each of by === 'rule' && value !== null ? value.split(',') : [value]) {
        groups.set(each, sum([groups.get(each) ?? none(), counted]))
      }
    }
    after = page.next
  } while (after !== undefined)
  return summarize(by, groups, total)
}

function none(): Counts {
  return { waiting: 0, held: 0, parked: 0 }
}

function sum(parts: readonly Counts[]): Counts {
  return parts.reduce<Counts>(
    (total, { waiting, held, parked }) => ({
      waiting: total.waiting + waiting,
      held: total.held + held,
      parked: total.parked + parked,
    }),
    none(),
  )
}

function summarize(by: GroupKey, counted: ReadonlyMap<string | null, Counts>, all: Counts): Survey {
  const total = ({ waiting, held, parked }: Counts) => waiting + held + parked
  const groups = Array.from(counted, ([value, counts]) => ({ value, ...counts })).toSorted(
    (a, b) => total(b) - total(a) || ((a.value ?? '') < (b.value ?? '') ? -1 : 1),
  )
  const others = groups.slice(MAX_GROUPS)
  return {
    by,
    ...all,
    groups: groups.slice(0, MAX_GROUPS),
    ...(others.length > 0 && { others: { groups: others.length, ...sum(others) } }),
  }
}
