/** What was sent and what was heard, by id: the visitors' own account of it. Times are those of this process's clock. */
import type { Content } from './plan.ts'

/** One filled-in form, and all that became of it on the visitor's side. */
export interface Submission {
  id: string
  /** The address in lower case. */
  person: string
  contents: readonly Content[]
  firstSentAt: number
  /** Requests. */
  tries: number
  /** When it was answered 202. */
  answeredAt: number[]
  /** Ids that such an answer named, and that are not its own. */
  strangeIds: string[]
}

export interface Journal {
  all: () => Submission[]
  /** Requests that came to no answer of the relay's, by what happened. */
  failures: Map<string, number>
  sent: (id: string, person: string, contents: readonly Content[]) => void
  accepted: (id: string, named: string | undefined) => void
  failed: (what: string) => void
}

/** Epoch milliseconds by a clock that never jumps. */
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
      else byId.set(id, { id, person, contents, firstSentAt: now(), tries: 1, answeredAt: [], strangeIds: [] })
    },
    accepted(id, named) {
      const submission = byId.get(id)!
      submission.answeredAt.push(now())
      if (named !== id) submission.strangeIds.push(String(named))
    },
    failed: (what) => void failures.set(what, (failures.get(what) ?? 0) + 1),
  }
}
