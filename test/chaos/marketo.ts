/** The simulator as a process of its own: what it is told to do, and its own log of what happened. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { LimitSettings } from '../../demo/simulator/limits.ts'
import type { CallLine, LimitsView, PersonView } from '../../demo/simulator/view.ts'
import { startProgram } from '../support/process.ts'

export interface Marketo {
  url: string
  ask: (faults: readonly AskedFault[], seed: number) => Promise<void>
  /** The next call takes so many milliseconds, unless other trouble meets it. */
  slow: (ms: number) => Promise<void>
  /** No trouble from now on. */
  calm: () => Promise<void>
  limit: (limits: LimitSettings) => Promise<void>
  limits: () => Promise<LimitsView>
  /** Every call from the beginning, with its leads. */
  calls: () => Promise<CallLine[]>
  people: () => Promise<PersonView[]>
  /** Resolves when no call is under way, whoever waits for it. */
  idle: () => Promise<void>
  /** Resolves when none has come for so many milliseconds, and none is under way. */
  silent: (ms: number) => Promise<void>
  end: () => Promise<void>
}

const PAGE = 1_000

/** Starts it on a free port. */
export async function startMarketo(): Promise<Marketo> {
  const program = await startProgram(['demo/simulator/main.ts', '--port', '0'], {}, /^simulator (\S+)$/m)
  const url = program.ready[1]!.replace('localhost', '127.0.0.1')

  async function request<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(`${url}${path}`, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  const tell = async (path: string, body: object) =>
    void (await request(path, { method: 'POST', body: JSON.stringify(body) }))

  async function calls(): Promise<CallLine[]> {
    const all: CallLine[] = []
    for (;;) {
      const page = await request<CallLine[]>(`/sim/calls?after=${all.at(-1)?.number ?? 0}&limit=${PAGE}&records=1`)
      if (page.length === 0) return all
      all.push(...page)
    }
  }

  /** Calls before this one have ended. */
  let settledUpTo = 0
  async function isIdle(): Promise<boolean> {
    for (;;) {
      const page = await request<CallLine[]>(`/sim/calls?after=${settledUpTo}&limit=${PAGE}`)
      const open = page.find(({ endedAt }) => endedAt === null)
      if (open) return false
      const last = page.at(-1)
      if (!last) return true
      settledUpTo = last.number
    }
  }

  return {
    url,
    ask: (faults, seed) => tell('/sim/faults', { faults, seed }),
    slow: (ms) => tell('/sim/faults', { fault: 'slow', times: 1, ms }),
    calm: async () => void (await request('/sim/faults', { method: 'DELETE' })),
    limit: (limits) => tell('/sim/limits', limits),
    limits: () => request('/sim/limits'),
    calls,
    people: () => request('/sim/leads'),
    async idle() {
      // What a relay has sent before it died may not have been read yet: twice, and a while between.
      for (let seen = 0; seen < 2; seen = (await isIdle()) ? seen + 1 : 0) await sleep(60)
    },
    async silent(ms) {
      let since = performance.now()
      for (let last = settledUpTo; performance.now() - since < ms; await sleep(200)) {
        if ((await isIdle()) && settledUpTo === last) continue
        since = performance.now()
        last = settledUpTo
      }
    },
    // Asked to end, it was once seen to spin for ever in Node's own clearing up, after connections that it had reset.
    end: async () => void (await program.end('SIGKILL')),
  }
}
