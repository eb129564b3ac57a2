/**
 * The bounds of waiting leads, and the report of what became of posts, as a module that the Worker loads with the first post. The
 * Durable Objects know how many leads wait; the first one counts the leads of each network and the posts, and knows what is
 * full, so that the end of an isolate forgets none.
 */
import { waitUntil } from 'cloudflare:workers'
import type { Config } from '../../config/config.ts'
import { createCapacity, type Capacity, type Room } from '../../guards/capacity.ts'
import { createReportedSources } from '../../guards/reported-sources.ts'
import { createPostReports, type PostReports } from '../../monitoring/reported-posts.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { LeadOutboxMethods, WaitingCounts } from './bindings.ts'

type Counting = Pick<LeadOutboxMethods, 'counts'>

export interface Bounds extends Pick<Capacity, 'reserve'> {
  /** Counts what became of a post, for the first object. */
  count: PostReports['add']
  /** Tells the first object what was counted. */
  report(): Promise<void>
}

/** Time after which the posts are reported while no lead is stored, in ms. */
const REPORTED_EVERY_MS = 10_000

/** Time after which a lead is taken whose room is not known, in ms. */
const ROOM_TIMEOUT_MS = 5_000

/** The room of a lead while it is not known whether there is some. */
const UNKNOWN_ROOM: Room = { ok: true, isStored: false, settle: () => {} }

/**
 * Creates the bounds of an isolate, whose numbers are up to a second old.
 *
 * @param objects returns new stubs of all objects, the counting one first
 */
export function createBounds(
  { forms, intake }: Pick<Config, 'forms' | 'intake'>,
  { find }: Pick<Outbox, 'find'>,
  objects: () => Counting[],
): Bounds {
  const sources = createReportedSources(intake.maxWaitingPerSource, Date.now)
  const posts = createPostReports()
  let reportedAt = -Infinity
  /** Time of the last report that something is full. */
  let fullReportedAt = -Infinity

  async function readWaiting(): Promise<ReadonlyMap<string, number>> {
    const full = capacity.full(reportedAt)
    reportedAt = Date.now()
    if (full.length > 0) fullReportedAt = reportedAt
    const { maxWaitingPerSource: maxLeads } = intake
    const counted = { sent: sources.take(), maxLeads, posts: posts.take(), forms: [...forms.keys()], full }
    const parts = await Promise.all(objects().map((object, at) => object.counts(at === 0 ? counted : undefined)))
    sources.learn(parts.flatMap(({ fullSources }) => fullSources))
    return sumWaiting(parts)
  }

  const capacity = createCapacity({
    ...intake,
    maxWaitingOf: (form) => forms.get(form)?.maxWaiting,
    // Cloudflare tells the visitor's own address.
    isCounted: () => true,
    readWaiting: () => {
      const reading = readWaiting()
      // It is for all requests, and goes on when the one ends that has begun it.
      waitUntil(reading.catch(() => {}))
      return reading
    },
    sources,
    fullDisk: () => undefined,
    find,
    now: Date.now,
  })
  const tell = () => waitUntil(readWaiting().catch(() => {}))
  return {
    async reserve(lead) {
      const late = Promise.withResolvers<Room>()
      const timer = setTimeout(() => late.resolve(UNKNOWN_ROOM), ROOM_TIMEOUT_MS)
      const room = await Promise.race([capacity.reserve(lead), late.promise])
      clearTimeout(timer)
      // It is an alert of the first object, also where no other post comes.
      if (!room.ok && room.code === 'unavailable' && isOverdue(fullReportedAt)) tell()
      return room
    },
    report: async () => void (await readWaiting()),
    count(post) {
      posts.add(post)
      if (isOverdue(reportedAt)) tell()
    },
  }
}

function isOverdue(reportedAt: number): boolean {
  return Math.abs(Date.now() - reportedAt) >= REPORTED_EVERY_MS
}

function sumWaiting(parts: readonly WaitingCounts[]): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>()
  for (const { form, leads } of parts.flatMap((part) => part.waiting))
    waiting.set(form, (waiting.get(form) ?? 0) + leads)
  return waiting
}
