/**
 * The batch planner: whose turn the next call is, and which due jobs go in it. Pure, and the same for every database.
 *
 * It compares batch keys and never reads them: a transport gives the same key to leads that may share a call, and none
 * to a lead that needs a call of its own.
 */
import type { Lead } from '../intake/lead.ts'
import type { JobRow } from './job-row.ts'
import { sentVisitor } from './sent-visitor.ts'

/** Maximum length of the leads in one call, in characters of JSON. A gateway may take no more than a megabyte. */
const MAX_BATCH_LENGTH = 500_000

/** The part of a job that the planner reads. */
export type Candidate = Pick<
  JobRow,
  'seq' | 'due_at' | 'batch_key' | 'max_batch_size' | 'lead' | 'visitor_key' | 'rejected' | 'stale'
>

/**
 * Number of due jobs of a lane among which one is looked for whose visitor has no lead under way. Where all of them are of
 * such visitors, the lane waits for a batch to end.
 */
export const SEARCHED_JOBS = 1_000

/** Rules of a transport for sharing calls. */
export interface BatchKeys {
  /** Name of the transport. Stored keys are computed again when it changes. */
  readonly name: string
  /** Returns the key that leads of one call have in common, or null for a lead that needs a call of its own. */
  batchKey(lead: Lead): string | null
  /**
   * `with-lead`: a lead takes its cookie along, but under pressure · `after-lead`: the cookie of a lead with a batch key
   * follows in a call of its own · `after-any-lead`: that of a lead without a batch key as well. A lead without an address
   * has no other key than its cookie, and always takes it along.
   */
  readonly cookies: 'with-lead' | 'after-lead' | 'after-any-lead'
}

/** The jobs of one form with one batch key that are ready and have a turn; see `source-turn.ts`. They go in its order. */
export interface Lane {
  batch_key: string | null
  form: string
  /** When its next job is due, the number of that job, and the largest batch it may go in. */
  due_at: number
  seq: number
  max_batch_size: number | null
  /** Number of due jobs, counted as far as a batch may hold them. */
  due: number
}

/** Record of the last calls of an account. */
export interface Turns {
  /** Names of the lanes that have led a batch lately, the last one at the end. */
  led: readonly string[]
  /** True if the last batch had a batch key; and the number of batches of its kind in a row. */
  shared: boolean
  inARow: number
}

/** A planned batch: the lane that leads it, and the jobs to take from each lane, in the order of their turns. */
export interface Plan {
  first: Lane
  parts: readonly { lane: Lane; jobs: number }[]
}

/** Number of shared batches after which a job that goes alone has its turn, while both are due. */
const MAX_SHARED_IN_A_ROW = 3

/** Number of jobs that go alone after which a shared batch has its turn, while both are due, however small it is. */
const MAX_ALONE_IN_A_ROW = 9

/**
 * Plans the next batch; undefined when no job is due.
 *
 * A shared batch that is full goes first: a call carries most by it. Otherwise the job that is due longest leads. Neither
 * kind waits for long: of four calls in a row one goes to a job that goes alone, and of ten one is shared. Within a kind
 * the lanes take turns in leading, and share a batch evenly, so that many leads of one form do not delay another form.
 *
 * @param lanes all lanes of the account
 * @param maxJobs maximum number of jobs in a batch; for 1 no kind comes first
 * @param mayShare false to plan jobs that go alone only
 */
export function planBatch(
  lanes: readonly Lane[],
  turns: Turns | undefined,
  maxJobs: number,
  mayShare: boolean,
): Plan | undefined {
  const led = turns?.led ?? []
  const due = lanes
    .filter((lane) => lane.due > 0 && (mayShare || lane.batch_key === null))
    .toSorted((a, b) => led.indexOf(nameOf(a)) - led.indexOf(nameOf(b)) || a.due_at - b.due_at || a.seq - b.seq)
  const alone = due.find(({ batch_key: key }) => key === null)
  const shared = due.find(({ batch_key: key }) => key !== null)
  const first =
    alone && shared ? (sharedIsNext(due, alone, shared, turns, maxJobs) ? shared : alone) : (alone ?? shared)
  if (!first) return undefined
  const own = first.batch_key === null ? [first] : due.filter(({ batch_key: key }) => key === first.batch_key)
  return { first, parts: evenParts(own, batchLimit(first, maxJobs)) }
}

/** Returns whether a shared batch comes before a job that goes alone; both are due. */
function sharedIsNext(
  due: readonly Lane[],
  alone: Lane,
  shared: Lane,
  turns: Turns | undefined,
  maxJobs: number,
): boolean {
  const isOlder = (shared.due_at - alone.due_at || shared.seq - alone.seq) < 0
  if (maxJobs <= 1) return isOlder
  const inARow = (kind: boolean) => (turns?.shared === kind ? turns.inARow : 0)
  if (inARow(true) >= MAX_SHARED_IN_A_ROW) return false
  if (inARow(false) >= MAX_ALONE_IN_A_ROW) return true
  const jobs = new Map<string, number>()
  for (const { batch_key: key, due: count } of due) if (key !== null) jobs.set(key, (jobs.get(key) ?? 0) + count)
  return isOlder || Math.max(...jobs.values()) >= maxJobs
}

/** Divides the places of a batch: one for each lane in turn, until all are taken. */
function evenParts(lanes: readonly Lane[], places: number): Plan['parts'] {
  const parts = lanes.map((lane) => ({ lane, jobs: 0 }))
  for (let left = places, before = 0; left > 0 && left !== before;) {
    before = left
    for (const part of parts) {
      if (left === 0 || part.jobs === part.lane.due) continue
      part.jobs += 1
      left -= 1
    }
  }
  return parts.filter(({ jobs }) => jobs > 0)
}

/** Maximum number of lanes whose turns are remembered. Of more, those lead first that have led least recently. */
const MAX_LED = 200

/** Returns the turns once `first` has led a batch. */
export function afterTurn(turns: Turns | undefined, first: Lane): Turns {
  const name = nameOf(first)
  const shared = first.batch_key !== null
  return {
    led: [...(turns?.led ?? []).filter((other) => other !== name), name].slice(-MAX_LED),
    shared,
    inARow: turns?.shared === shared ? turns.inARow + 1 : 1,
  }
}

function nameOf({ batch_key: key, form }: Lane): string {
  return JSON.stringify([key, form])
}

/** Returns the jobs of several lanes, one of each in turn. */
export function interleave<Row>(lanes: readonly (readonly Row[])[]): Row[] {
  const rounds = Math.max(0, ...lanes.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, round) => lanes.flatMap((rows) => rows.slice(round, round + 1))).flat()
}

/** Returns how many jobs may go in a batch that `first` leads. */
export function batchLimit(first: Pick<Candidate, 'batch_key' | 'max_batch_size'>, maxJobs: number): number {
  return first.batch_key === null ? 1 : Math.min(maxJobs, first.max_batch_size ?? maxJobs)
}

/**
 * Returns the jobs that go together. It ends at the first one that does not fit, so that a large lead is not overtaken
 * for ever. A second lead with the cookie of a visitor is left for a later batch.
 *
 * @param rows due jobs with the batch key of the first, in the order of their turns
 */
export function fillBatch<Row extends Candidate>(rows: readonly Row[], maxJobs: number): Row[] {
  const jobs: Row[] = []
  let length = 0
  let limit = maxJobs
  const visitors = new Set<string>()
  for (const row of rows) {
    const visitor = sentVisitor(row)
    if (visitor !== null && visitors.has(visitor)) continue
    length += row.lead?.length ?? 0
    limit = batchLimit(row, limit)
    if (jobs.length > 0 && (jobs.length >= limit || length > MAX_BATCH_LENGTH)) break
    jobs.push(row)
    if (visitor !== null) visitors.add(visitor)
  }
  return jobs
}
