/**
 * Measures how fast a submission is accepted: the relay beside a bare Hono that echoes the same fields, beside itself
 * without storage, beside one transaction for each lead, and beside itself while another process reads its file for
 * long; on Node and in workerd, at 1, 32 and 256 connections.
 *
 * Every server is a process of its own, and so is the load generator, which reads every answer. The servers of a runtime
 * take turns in rounds, each round in another order. At the end every server that stores leads is killed, started again
 * and counted: it must have every lead that it acknowledged. No lead is delivered.
 */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { makeTempFolder, spawnChild } from '../chaos/cleanup.ts'
import { fileSystemOf, measureFsync } from './accept/disk.ts'
import type { Load, Measurement } from './accept/load.ts'
import { floorsOf, tableOf, type FloorResult, type Results } from './accept/results.ts'
import { bundleWorker, startNode, startWorkerd, type Server } from './accept/servers.ts'
import { TOKEN } from './accept/form.ts'
import { askState } from '../support/operator.ts'

/** An odd number, so that a median is a measured value. */
const ROUNDS = 5
const CONNECTIONS = [1, 32, 256]
/** Time before each measurement, in ms, because a runtime drops compiled code that has not run for a while. */
const SETTLE_MS = 400
const MEASURED_MS = 800
/** Time of the load before the first round, in ms. */
const WARM_UP_MS = 1_500

const KINDS = [
  { kind: 'json', shape: 'json', status: 200 },
  { kind: 'form', shape: 'form', status: 200 },
  { kind: 'free-json', shape: 'json', status: 202, only: 'Node' },
  // The whole relay, with each guard of the server, but for its store.
  { kind: 'guarded-json', shape: 'json', status: 202, only: 'Node' },
  { kind: 'free', shape: 'form', status: 202 },
  { kind: 'single', shape: 'form', status: 202, stores: true },
  { kind: 'relay', shape: 'form', status: 202, stores: true },
  // The relay while this process reads its file, in one transaction from before the first lead to after the last.
  { kind: 'reader', shape: 'form', status: 202, stores: true, only: 'Node' },
  // Three objects that share the people.
  { kind: 'shards', shape: 'form', status: 202, stores: true, only: 'workerd' },
] as const

type Kind = (typeof KINDS)[number]

/** A server that is measured. */
interface Contender {
  name: string
  kind: Kind
  start: () => Promise<Server>
  server: Server
  /** Number of submissions that it has acknowledged. */
  acknowledged: number
}

export const acceptBench = {
  about: 'accepted submissions a second on Node and in workerd, beside a bare Hono (after npm run build; four minutes)',

  async run(print: (line: string) => void): Promise<boolean> {
    const folder = makeTempFolder('bench')
    const generator = startGenerator()
    try {
      const fileSystem = fileSystemOf(folder.path)
      const script = await bundleWorker(join(folder.path, 'worker'))
      const runtimes: Record<string, (kind: string, at: string) => Promise<Server>> = {
        Node: startNode,
        workerd: (kind, at) => startWorkerd(kind, at, script),
      }
      const results: Results = { rounds: new Map(), fsync: [], generatorCpu: 0 }
      const counts: FloorResult[] = []
      // One runtime after the other: a server that is idle for long has to warm up again.
      for (const [runtime, start] of Object.entries(runtimes)) {
        const contenders: Contender[] = []
        const readers: DatabaseSync[] = []
        try {
          for (const kind of KINDS.filter((kind) => !('only' in kind) || kind.only === runtime)) {
            const startAgain = () => start(kind.kind, join(folder.path, `${runtime}-${kind.kind}`))
            const name = `${runtime} ${kind.kind}`
            contenders.push({ name, kind, start: startAgain, server: await startAgain(), acknowledged: 0 })
            if (kind.kind === 'reader') readers.push(readFile(join(folder.path, `${runtime}-reader`)))
          }
          const printRound = (line: string) => print(`${runtime}, ${line}`)
          await measureAll(contenders, { generator, results, folder: folder.path, print: printRound })
          counts.push(...(await countAll(contenders)))
        } finally {
          for (const reader of readers) reader.close()
          await Promise.all(contenders.map(({ server }) => server.kill()))
        }
      }
      for (const line of tableOf(results, CONNECTIONS, fileSystem)) print(line)
      const floors = [...floorsOf(results), ...counts]
      for (const { what, pass } of floors) print(`${pass ? 'PASS' : 'FAIL'}  ${what}`)
      return floors.every(({ pass }) => pass)
    } finally {
      generator.end()
      folder.remove()
    }
  },
}

/** Begins a transaction that reads the outbox in the folder, and returns its connection. */
function readFile(folder: string): DatabaseSync {
  const reader = new DatabaseSync(join(folder, 'outbox.sqlite'))
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM job').get()
  return reader
}

interface Measuring {
  generator: Generator
  results: Results
  /** A folder on the disk whose fsync is measured. */
  folder: string
  print: (line: string) => void
}

/** Measures the servers in turns, each round in another order. */
async function measureAll(
  contenders: readonly Contender[],
  { generator, results, folder, print }: Measuring,
): Promise<void> {
  const measure = async (contender: Contender, connections: number, warmUp: number, measured: number) => {
    const { server, kind } = contender
    const load = { port: server.port, connections, shape: kind.shape, status: kind.status, warmUp, measured }
    const measurement = await generator.run(load)
    contender.acknowledged += measurement.acknowledged
    return measurement
  }
  for (const contender of contenders) await measure(contender, 32, WARM_UP_MS, 1)
  for (let round = 0; round < ROUNDS; round += 1) {
    print(`round ${round + 1} of ${ROUNDS}`)
    results.fsync.push(measureFsync(folder))
    for (const connections of CONNECTIONS) {
      for (const contender of rotated(contenders, round)) {
        const measurement = await measure(contender, connections, SETTLE_MS, MEASURED_MS)
        const key = `${contender.name} ${connections}`
        results.rounds.set(key, [...(results.rounds.get(key) ?? []), measurement])
        results.generatorCpu = Math.max(results.generatorCpu, measurement.generatorCpu)
      }
    }
  }
}

/** Compares the leads of each server that stores them with those that it acknowledged. */
async function countAll(contenders: readonly Contender[]): Promise<FloorResult[]> {
  const results: FloorResult[] = []
  for (const contender of contenders.filter(({ kind }) => 'stores' in kind)) {
    const stored = await countAfterKill(contender)
    const { name, acknowledged } = contender
    results.push({ what: `${name}: ${stored} stored of ${acknowledged} acknowledged`, pass: stored === acknowledged })
  }
  return results
}

/** Kills the server, starts it again, and returns the number of its leads. */
async function countAfterKill(contender: Contender): Promise<number> {
  await contender.server.kill()
  contender.server = await contender.start()
  const response = await askState(`http://127.0.0.1:${contender.server.port}`, TOKEN)
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
  const program = fileURLToPath(import.meta.resolve('./accept/load.ts'))
  const child: ChildProcess = spawnChild(process.execPath, [program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    run(load) {
      return new Promise((resolve, reject) => {
        const ended = () => reject(new Error('the load generator has ended'))
        child.once('exit', ended)
        child.once('message', (answer: { measurement: Measurement } | { error: string }) => {
          child.off('exit', ended)
          if ('measurement' in answer) resolve(answer.measurement)
          else reject(new Error(`port ${load.port}: ${answer.error}`))
        })
        child.send(load)
      })
    },
    end: () => child.disconnect(),
  }
}
