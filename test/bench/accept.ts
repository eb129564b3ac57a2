/**
 * How fast a submission is accepted: the relay against a bare Hono that echoes the same fields, against itself without
 * storage, and against one transaction for each lead; on Node and in workerd, at 1, 32 and 256 connections.
 *
 * Every server is a process of its own, and so is the load generator, which looks at every answer. Those of a runtime
 * take turns in rounds, each round in another order. At the end every server that keeps leads is killed, started again
 * and counted: it must have as many as it has said yes to. Nothing delivers.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileSystemOf, measureFsync } from './accept/disk.ts'
import type { Load, Measurement } from './accept/load.ts'
import { bundleWorker, startNode, startWorkerd, type Server } from './accept/servers.ts'
import { tableOf, verdictsOf, type Results, type Verdict } from './accept/results.ts'

/** Odd, so that a median is a measured value. */
const ROUNDS = 5
const CONNECTIONS = [1, 32, 256]
/** Milliseconds: not counted, for a runtime drops code that has not run for a while; counted; and once before all rounds. */
const SETTLE = 400
const MEASURED = 800
const WARM_UP = 1_500

const KINDS = [
  { kind: 'json', shape: 'json', status: 200 },
  { kind: 'form', shape: 'form', status: 200 },
  { kind: 'free-json', shape: 'json', status: 202, only: 'Node' },
  { kind: 'free', shape: 'form', status: 202 },
  { kind: 'single', shape: 'form', status: 202, keeps: true },
  { kind: 'relay', shape: 'form', status: 202, keeps: true },
  // Three objects that share out the people.
  { kind: 'shards', shape: 'form', status: 202, keeps: true, only: 'workerd' },
] as const

type Kind = (typeof KINDS)[number]

/** A server under measurement. */
interface Contender {
  name: string
  kind: Kind
  start: () => Promise<Server>
  server: Server
  /** How many submissions it has said yes to. */
  acknowledged: number
}

export const acceptBench = {
  about: 'how fast a submission is accepted, on Node and in workerd (after npm run build; four minutes)',

  async run(print: (line: string) => void): Promise<boolean> {
    const folder = mkdtempSync(join(tmpdir(), 'form-sync-bench-'))
    const fileSystem = fileSystemOf(folder)
    const generator = startGenerator()
    try {
      const script = bundleWorker(join(folder, 'worker'))
      const runtimes: Record<string, (kind: string, at: string) => Promise<Server>> = {
        Node: startNode,
        workerd: (kind, at) => startWorkerd(kind, at, script),
      }
      const results: Results = { rounds: new Map(), fsync: [], busy: 0 }
      const verdicts: Verdict[] = []
      // One runtime after the other: a server that is idle for long has to warm up again.
      for (const [runtime, start] of Object.entries(runtimes)) {
        const contenders: Contender[] = []
        try {
          for (const kind of KINDS.filter((kind) => !('only' in kind) || kind.only === runtime)) {
            const again = () => start(kind.kind, join(folder, `${runtime}-${kind.kind}`))
            const name = `${runtime} ${kind.kind}`
            contenders.push({ name, kind, start: again, server: await again(), acknowledged: 0 })
          }
          await measureAll(contenders, { generator, results, folder, print: (line) => print(`${runtime}, ${line}`) })
          verdicts.push(...(await countAll(contenders)))
        } finally {
          await Promise.all(contenders.map(({ server }) => server.kill()))
        }
      }
      for (const line of tableOf(results, CONNECTIONS, fileSystem)) print(line)
      verdicts.unshift(...verdictsOf(results))
      for (const { what, pass } of verdicts) print(`${pass ? 'PASS' : 'FAIL'}  ${what}`)
      return verdicts.every(({ pass }) => pass)
    } finally {
      generator.end()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

interface Measuring {
  generator: Generator
  results: Results
  /** On the disk whose fsync is measured. */
  folder: string
  print: (line: string) => void
}

/** Lets them take turns, in each round in another order. */
async function measureAll(
  contenders: readonly Contender[],
  { generator, results, folder, print }: Measuring,
): Promise<void> {
  const measure = async (contender: Contender, connections: number, warm: number, measured: number) => {
    const { server, kind } = contender
    const load = { port: server.port, connections, shape: kind.shape, status: kind.status, warm, measured }
    const measurement = await generator.run(load)
    contender.acknowledged += measurement.acknowledged
    return measurement
  }
  for (const contender of contenders) await measure(contender, 32, WARM_UP, 1)
  for (let round = 0; round < ROUNDS; round += 1) {
    print(`round ${round + 1} of ${ROUNDS}`)
    results.fsync.push(measureFsync(folder))
    for (const connections of CONNECTIONS) {
      for (const contender of rotated(contenders, round)) {
        const measurement = await measure(contender, connections, SETTLE, MEASURED)
        const key = `${contender.name} ${connections}`
        results.rounds.set(key, [...(results.rounds.get(key) ?? []), measurement])
        results.busy = Math.max(results.busy, measurement.busy)
      }
    }
  }
}

/** Whether those that keep leads have as many as they said yes to. */
async function countAll(contenders: readonly Contender[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const contender of contenders.filter(({ kind }) => 'keeps' in kind)) {
    const kept = await countAfterKill(contender)
    const { name, acknowledged } = contender
    verdicts.push({ what: `${name}: ${kept} kept of ${acknowledged} acknowledged`, pass: kept === acknowledged })
  }
  return verdicts
}

/** What the server says it has, once it has been killed and started again. */
async function countAfterKill(contender: Contender): Promise<number> {
  await contender.server.kill()
  contender.server = await contender.start()
  const response = await fetch(`http://127.0.0.1:${contender.server.port}/readyz`)
  const { backlog } = (await response.json()) as { backlog: number }
  return backlog
}

function rotated<T>(items: readonly T[], by: number): T[] {
  return [...items.slice(by), ...items.slice(0, by)]
}

interface Generator {
  run(load: Load): Promise<Measurement>
  end(): void
}

function startGenerator(): Generator {
  const child = fork(new URL('./accept/load.ts', import.meta.url))
  return {
    run(load) {
      return new Promise((resolve, reject) => {
        child.once('message', (answer: { measurement: Measurement } | { error: string }) => {
          if ('measurement' in answer) resolve(answer.measurement)
          else reject(new Error(`port ${load.port}: ${answer.error}`))
        })
        child.send(load)
      })
    },
    end: () => child.disconnect(),
  }
}
