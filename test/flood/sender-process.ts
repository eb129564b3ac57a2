/**
 * Sends a flood as its own process: `node test/flood/sender-process.ts <order as JSON>`. It writes bytes to raw connections,
 * several requests at once, because a client of HTTP would take more of the machine than the relay. Prints the result as JSON.
 */
import { connect, type Socket } from 'node:net'
import type { Flood } from './senders.ts'
import { makePosts, type Order } from './posts.ts'
import { countStatuses } from './statuses.ts'

/** Connections of this process. */
const CONNECTIONS = 32

/** The most requests that one write has. */
const AT_ONCE = 8

/** Time between two looks at what is due, in ms. */
const TICK_MS = 2

/** Maximum time until the replies to the last posts have come, in ms. */
const LAST_REPLIES_MS = 10_000

const order = JSON.parse(process.argv[2] ?? '') as Order
const posts = makePosts(order)
const result: Flood = { replies: {}, sent: 0, seconds: 0 }
const idle: Connection[] = []
const start = performance.now()
let open = 0

class Connection {
  readonly #socket: Socket
  readonly #count = countStatuses()
  #waiting = 0

  constructor() {
    this.#socket = connect(order.port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.on('connect', () => idle.push(this))
    this.#socket.on('data', (chunk) => this.#read(chunk))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#close())
    open += 1
  }

  send(count: number): void {
    this.#waiting = count
    this.#socket.write(Array.from({ length: count }, () => posts(result.sent++)).join(''), 'latin1')
  }

  end(): void {
    this.#socket.destroy()
  }

  get isWaiting(): boolean {
    return this.#waiting > 0
  }

  #read(chunk: Buffer): void {
    for (const status of this.#count(chunk)) {
      result.replies[status] = (result.replies[status] ?? 0) + 1
      this.#waiting -= 1
    }
    if (this.#waiting === 0) idle.push(this)
  }

  /** The relay ends a connection after some requests. Those that had no reply count as broken. */
  #close(): void {
    const at = idle.indexOf(this)
    if (at !== -1) idle.splice(at, 1)
    if (this.#waiting > 0) result.replies[0] = (result.replies[0] ?? 0) + this.#waiting
    connections.delete(this)
    open -= 1
    if (!isOver()) connections.add(new Connection())
  }
}

const connections = new Set(Array.from({ length: CONNECTIONS }, () => new Connection()))

function elapsed(): number {
  return performance.now() - start
}

function isOver(): boolean {
  return elapsed() >= order.seconds * 1_000
}

const ticking = setInterval(() => {
  if (isOver()) return finish()
  let due = Math.floor((elapsed() / 1_000) * order.perSecond) - result.sent
  for (; due > 0 && idle.length > 0; due -= AT_ONCE) idle.shift()?.send(Math.min(due, AT_ONCE))
}, TICK_MS)

function finish(): void {
  result.seconds ||= elapsed() / 1_000
  const isDone = ![...connections].some((connection) => connection.isWaiting)
  if (!isDone && elapsed() < order.seconds * 1_000 + LAST_REPLIES_MS) return
  clearInterval(ticking)
  for (const connection of connections) connection.end()
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
