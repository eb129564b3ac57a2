/** Compares the replies to posts that the relay treats differently: to their sender they must all look alike. */
import { ORIGIN, startSetting } from './setting.ts'

interface Kind {
  form: string
  email: (number: number) => string
  id?: string
}

/** Posts by what becomes of them. Each fills in the hidden field, which `contact` only watches. */
const KINDS = {
  new: { form: 'contact', email: (number: number) => `new${number}@acme.example` },
  'of a known person': { form: 'contact', email: () => 'known@acme.example' },
  'sent again': { form: 'contact', email: () => 'again@acme.example', id: '0193573a-1c00-7000-8000-0123456789ab' },
  held: { form: 'held', email: (number: number) => `held${number}@acme.example` },
  dropped: { form: 'dropped', email: (number: number) => `dropped${number}@acme.example` },
} satisfies Record<string, Kind>

/** Header fields that say when a reply came and which request of its connection it was: the thousandth is the last one. */
const OF_CONNECTION = new Set(['date', 'connection', 'keep-alive'])

export interface AnswersReport {
  /** The different replies of each kind: status, header fields and body, with ids and times taken out. */
  replies: Record<string, string[]>
  /** Median time of each kind, in ms. */
  medians: Record<string, number>
}

/** Sends each kind so many times, in turns. */
export async function compareAnswers(rounds: number, print?: (line: string) => void): Promise<AnswersReport> {
  // More posts than a network usually sends.
  const setting = await startSetting({
    FORM_SYNC_POSTS_PER_MINUTE: '9999999',
    FORM_SYNC_MAX_WAITING_PER_SOURCE: '9999999',
  })
  const replies = new Map<string, Set<string>>()
  const times = new Map<string, number[]>()
  try {
    for (let number = 0; number < rounds; number += 1) {
      for (const [kind, { form, email, ...more }] of kindsFrom(number)) {
        for (const accept of ['application/json', 'text/html']) {
          const start = performance.now()
          const response = await fetch(`${setting.url}/f/${form}`, {
            method: 'POST',
            body: new URLSearchParams({
              Email: email(number),
              _gotcha: 'x',
              ...(more.id !== undefined && { _id: more.id }),
            }),
            headers: { origin: ORIGIN, accept },
          })
          const body = await response.text()
          const ms = performance.now() - start
          const headers = [...response.headers].filter(([name]) => !OF_CONNECTION.has(name))
          const reply = `${response.status} ${JSON.stringify(headers)} ${body.replace(/"id":"[0-9a-f-]{36}"/, '"id"')}`
          replies.set(kind, (replies.get(kind) ?? new Set()).add(reply))
          times.set(kind, [...(times.get(kind) ?? []), ms])
        }
      }
    }
  } finally {
    await setting.end()
  }
  const medians = Object.fromEntries(Array.from(times, ([kind, all]) => [kind, medianOf(all)]))
  print?.(
    `replies: ${Object.entries(medians)
      .map(([kind, ms]) => `${kind} ${ms.toFixed(1)} ms`)
      .join(', ')}`,
  )
  return { replies: Object.fromEntries(Array.from(replies, ([kind, all]) => [kind, [...all]])), medians }
}

/** Returns the kinds, from another one on in each round: the relay still delivers the leads of the posts before. */
function kindsFrom(round: number): [string, Kind][] {
  const kinds = Object.entries<Kind>(KINDS)
  const first = round % kinds.length
  return [...kinds.slice(first), ...kinds.slice(0, first)]
}

function medianOf(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
}
