/** The simulator as a process of its own. Its faults and limits are set over HTTP, and its log says what happened. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { LimitSettings } from '../../demo/simulator/limits.ts'
import type { CallLine, LimitsView, PersonView } from '../../demo/simulator/view.ts'
import { endChild, spawnChild, waitForOutput } from './cleanup.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface Marketo {
  url: string
  addFaults: (faults: readonly AskedFault[], seed: number) => Promise<void>
  /** Makes the next call take this long in ms, unless it meets another fault. */
  slowDown: (ms: number) => Promise<void>
  clearFaults: () => Promise<void>
  setLimits: (limits: LimitSettings) => Promise<void>
  limits: () => Promise<LimitsView>
  /** Returns every call from the beginning, with its leads. */
  calls: () => Promise<CallLine[]>
  /** Returns the number of the last call but those for a token; 0 before the first. */
  lastCall: () => Promise<number>
  people: () => Promise<PersonView[]>
  /** Resolves when no call is under way, including those that the relay does not wait for any more. */
  idle: () => Promise<void>
  /** Resolves when no call has come for this long in ms, and none is under way. */
  quiet: (ms: number) => Promise<void>
  end: () => Promise<void>
}

const PAGE_SIZE = 1_000

/** Starts the simulator on a free port. */
export async function startMarketo(): Promise<Marketo> {
  const child = spawnChild(process.execPath, ['demo/simulator/main.ts', '--port', '0'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [, address = ''] = await waitForOutput(child, /^simulator (\S+)$/m)
  const url = address.replace('localhost', '127.0.0.1')

  async function request<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(`${url}${path}`, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  const post = async (path: string, body: object) =>
    void (await request(path, { method: 'POST', body: JSON.stringify(body) }))

  async function calls(): Promise<CallLine[]> {
    const all: CallLine[] = []
    for (;;) {
      const page = await request<CallLine[]>(`/sim/calls?after=${all.at(-1)?.number ?? 0}&limit=${PAGE_SIZE}&records=1`)
      if (page.length === 0) return all
      all.push(...page)
    }
  }

  /** Number of the last call of which it is known that it and all before have ended. */
  let endedUpTo = 0
  async function isIdle(): Promise<boolean> {
    for (;;) {
      const page = await request<CallLine[]>(`/sim/calls?after=${endedUpTo}&limit=${PAGE_SIZE}`)
      const open = page.find(({ endedAt }) => endedAt === null)
      if (open) return false
      const last = page.at(-1)
      if (!last) return true
      endedUpTo = last.number
    }
  }

  let [seenUpTo, last] = [0, 0]
  return {
    url,
    addFaults: (faults, seed) => post('/sim/faults', { faults, seed }),
    slowDown: (ms) => post('/sim/faults', { fault: 'slow', times: 1, ms }),
    clearFaults: async () => void (await request('/sim/faults', { method: 'DELETE' })),
    setLimits: (limits) => post('/sim/limits', limits),
    limits: () => request('/sim/limits'),
    calls,
    async lastCall() {
      for (;;) {
        const page = await request<CallLine[]>(`/sim/calls?after=${seenUpTo}&limit=${PAGE_SIZE}`)
        if (page.length === 0) return last
        seenUpTo = page.at(-1)!.number
        last = page.findLast(({ operation }) => operation !== 'identity')?.number ?? last
      }
    },
    people: () => request('/sim/leads'),
    async idle() {
      // A call that a relay sent before it crashed may not have been read yet, so the answer must be the same twice.
      for (let seen = 0; seen < 2; seen = (await isIdle()) ? seen + 1 : 0) await sleep(60)
    },
    async quiet(ms) {
      let since = performance.now()
      for (let last = endedUpTo; performance.now() - since < ms; await sleep(200)) {
        if ((await isIdle()) && endedUpTo === last) continue
        since = performance.now()
        last = endedUpTo
      }
    },
    // Not SIGTERM: after many reset connections Node was once seen not to end.
    end: () => endChild(child, 'SIGKILL'),
  }
}
