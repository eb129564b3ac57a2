/** Record of what visitors sent and how they were answered, by content. Times are epoch ms by this process's clock. */
import type { Content } from './plan.ts'

/** One filled-in form, as its visitor saw it. Two may have one id. */
export interface Submission {
  id: string
  /** The address in lower case. */
  person: string
  content: Content
  /** The visitor's cookie, where Marketo must get it. */
  cookie?: string
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
  sent: (id: string, person: string, content: Content, cookie?: string) => void
  accepted: (id: string, content: Content, answeredId: string | undefined) => void
  failed: (what: string) => void
  /** @param id the id that the form was sent with; where two were, both count as sent again */
  replayed: (id: string) => void
}

/** Returns epoch ms by a clock that never jumps. */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now()
}

export function openJournal(now: () => number = steadyNow): Journal {
  const byContent = new Map<Content, Submission>()
  const failures = new Map<string, number>()
  return {
    all: () => [...byContent.values()],
    failures,
    sent(id, person, content, cookie) {
      const known = byContent.get(content)
      if (known) known.tries += 1
      else {
        const firstSentAt = now()
        const answers = { answeredAt: [], wrongIds: [], replayedAt: [] }
        const visitor = cookie !== undefined && { cookie }
        byContent.set(content, { id, person, content, ...visitor, firstSentAt, tries: 1, ...answers })
      }
    },
    accepted(id, content, answeredId) {
      const submission = byContent.get(content)!
      submission.answeredAt.push(now())
      if (answeredId !== id) submission.wrongIds.push(String(answeredId))
    },
    failed: (what) => void failures.set(what, (failures.get(what) ?? 0) + 1),
    replayed(id) {
      for (const submission of byContent.values()) if (submission.id === id) submission.replayedAt.push(now())
    },
  }
}
