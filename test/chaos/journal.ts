/** Record of what visitors sent and how they were answered, by id. Times are epoch ms by this process's clock. */
import type { Content } from './plan.ts'

/** One filled-in form, as its visitor saw it. */
export interface Submission {
  id: string
  /** The address in lower case. */
  person: string
  contents: readonly Content[]
  firstSentAt: number
  /** Number of requests. */
  tries: number
  /** Times of the answers with status 202. */
  answeredAt: number[]
  /** Ids in such answers that are not the id that was sent. */
  wrongIds: string[]
  /** Times at which an operator had the parked lead sent again. */
  replayedAt: number[]
}

export interface Journal {
  all: () => Submission[]
  /** Number of requests that the relay did not answer with 202, by what happened. */
  failures: Map<string, number>
  sent: (id: string, person: string, contents: readonly Content[]) => void
  accepted: (id: string, answeredId: string | undefined) => void
  failed: (what: string) => void
  replayed: (id: string) => void
}

/** Returns epoch ms by a clock that never jumps. */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now()
}

export function openJournal(now: () => number = steadyNow): Journal {
  const byId = new Map<string, Submission>()
  const failures = new Map<string, number>()
  return {
    all: () => [...byId.values()],
    failures,
    sent(id, person, contents) {
      const known = byId.get(id)
      if (known) known.tries += 1
      else {
        const firstSentAt = now()
        byId.set(id, { id, person, contents, firstSentAt, tries: 1, answeredAt: [], wrongIds: [], replayedAt: [] })
      }
    },
    accepted(id, answeredId) {
      const submission = byId.get(id)!
      submission.answeredAt.push(now())
      if (answeredId !== id) submission.wrongIds.push(String(answeredId))
    },
    failed: (what) => void failures.set(what, (failures.get(what) ?? 0) + 1),
    replayed: (id) => void byId.get(id)?.replayedAt.push(now()),
  }
}
