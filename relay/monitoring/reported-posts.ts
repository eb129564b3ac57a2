/**
 * What became of posts, where several processes accept them and one place counts: each process collects, and reports from time
 * to time. It holds names of the configuration and numbers, as the counters do. Pure.
 */
import type { Findings, FoundRule } from './findings.ts'
import type { Refusal, Refusals } from './refusals.ts'

type Post =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'accepted'; form: string }
  | { kind: 'passed'; form: string }
  | { kind: 'found'; form: string; rules: Pick<FoundRule, 'rule' | 'action'>[] }

/** A number of posts that came to the same. */
export interface ReportedPosts {
  post: Post
  times: number
}

export interface PostReports {
  add(post: Post): void
  /** Returns the posts since the last report. */
  take(): ReportedPosts[]
}

/** Maximum number of entries of a report. What comes to something else is left out beyond it. */
const MAX_ENTRIES = 500

/** Creates the collection of a process. */
export function createPostReports(): PostReports {
  let posts = new Map<string, ReportedPosts>()
  return {
    add(any) {
      const post = withoutMessages(any)
      const key = JSON.stringify(post)
      const known = posts.get(key)
      if (known) known.times += 1
      else if (posts.size < MAX_ENTRIES) posts.set(key, { post, times: 1 })
    },
    take() {
      const taken = [...posts.values()]
      posts = new Map()
      return taken
    },
  }
}

/** Returns the post without the messages to the visitor. */
function withoutMessages(post: Post): Post {
  if (post.kind !== 'refused') return post
  const errors = post.refusal.errors?.map(({ field, code }) => ({ field, code }))
  return { ...post, refusal: { ...post.refusal, errors } }
}

/** Counts a report, as if the posts had come here. */
export function countReport(
  report: readonly ReportedPosts[],
  refusals: Pick<Refusals, 'refused' | 'accepted'>,
  findings: Pick<Findings, 'passed' | 'found'>,
): void {
  for (const { post, times } of report) {
    for (let n = 0; n < times; n += 1) {
      if (post.kind === 'refused') refusals.refused(post.refusal)
      else if (post.kind === 'accepted') refusals.accepted(post.form)
      else if (post.kind === 'passed') findings.passed(post.form)
      else findings.found(post.form, '', post.rules)
    }
  }
}
