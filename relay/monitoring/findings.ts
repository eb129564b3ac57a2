/**
 * Keeps count of what the rules have found: an event for each finding, counters by form and rule, and the issue `withheld` for
 * a form most of whose posts are held or dropped.
 *
 * It holds names of the configuration and numbers alone. It has no timer.
 */
import { noEventsYet, takeEvent, type EventLimit } from './event-limit.ts'
import type { Log } from './events.ts'
import type { HealthIssue } from './health.ts'
import { addOne, noneYet, sizeOf, type Recent } from './recent.ts'

/** A rule that has fired for a post. `reason` has no value that a visitor has typed. */
export interface FoundRule {
  rule: string
  action: Action
  reason?: string
}

type Action = 'watch' | 'hold' | 'drop'

/** Numbers of posts of a form that a rule has met since the start, by what happened for it. */
interface RuleCount {
  form: string
  rule: string
  watched: number
  held: number
  dropped: number
}

export interface Findings {
  /** Counts a post that no rule has met. */
  passed(form: string): void
  /** Counts a post that rules have met, and logs it. */
  found(form: string, id: string, rules: readonly FoundRule[]): void
  /** Returns the issue `withheld`, if there is one. */
  issues(): HealthIssue[]
  /** Returns all counters since the start, the largest first. */
  counts(): RuleCount[]
}

const DONE = { watch: 'watched', hold: 'held', drop: 'dropped' } as const

/** Number of posts of a form that are held or dropped in the window from which they are an issue. */
const MIN_WITHHELD = 10

interface Counter extends RuleCount {
  events: EventLimit
}

/** Posts of a form: all, and those that were held or dropped. */
interface Posts {
  all: Recent
  withheld: Recent
}

/** Creates the counters. */
export function createFindings({ now, log }: { now: () => number; log: Log }): Findings {
  const counters = new Map<string, Counter>()
  const posts = new Map<string, Posts>()

  function counterOf(form: string, rule: string): Counter {
    const key = `${form} ${rule}`
    const known = counters.get(key) ?? { form, rule, watched: 0, held: 0, dropped: 0, events: noEventsYet() }
    counters.set(key, known)
    return known
  }

  function postsOf(form: string): Posts {
    const known = posts.get(form) ?? { all: noneYet(), withheld: noneYet() }
    posts.set(form, known)
    return known
  }

  function issueOf(form: string, { all, withheld }: Posts, at: number): HealthIssue[] {
    const count = sizeOf(withheld, at)
    if (count < MIN_WITHHELD || 2 * count <= sizeOf(all, at)) return []
    const [top] = [...counters.values()]
      .filter((counter) => counter.form === form)
      .toSorted((a, b) => b.held + b.dropped - a.held - a.dropped)
    const reason = `most posts of the form ${form} are held or dropped, most often by the rule ${top?.rule}`
    return [{ kind: 'withheld', count, reason }]
  }

  return {
    passed: (form) => addOne(postsOf(form).all, now()),

    found(form, id, rules) {
      const at = now()
      const own = postsOf(form)
      addOne(own.all, at)
      if (rules.some(({ action }) => action !== 'watch')) addOne(own.withheld, at)
      for (const { rule, action, reason } of rules) {
        const counter = counterOf(form, rule)
        const event = DONE[action]
        counter[event] += 1
        const unreported = takeEvent(counter.events, at)
        if (unreported === undefined) continue
        const more = { ...(reason !== undefined && { reason }), ...(unreported > 0 && { unreported }) }
        log({ event, id, form, rule, ...more })
      }
    },

    issues() {
      const at = now()
      const found = [...posts].flatMap(([form, own]) => issueOf(form, own, at)).toSorted((a, b) => b.count - a.count)
      const [worst] = found
      if (!worst) return []
      const more = found.length > 1 ? `; and of ${found.length - 1} more` : ''
      return [{ ...worst, reason: `${worst.reason}${more}` }]
    },

    counts: () =>
      Array.from(counters.values(), ({ form, rule, watched, held, dropped }) => ({
        form,
        rule,
        watched,
        held,
        dropped,
      })).toSorted((a, b) => b.watched + b.held + b.dropped - a.watched - a.held - a.dropped),
  }
}
