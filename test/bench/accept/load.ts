/**
 * The load generator, a process of its own: HTTP/1.1 over plain sockets, one request at a time on each connection, the
 * next one as soon as the answer is read. It sends its measurement over the IPC channel.
 *
 * It checks every answer: the status, and that it names the id of its own request. One wrong answer ends the measurement.
 * Ids and persons do not repeat within one process.
 */
import { connect, type Socket } from 'node:net'
import { createRequests, type Shape } from './request.ts'

export interface Load {
  port: number
  connections: number
  shape: Shape
  /** Expected status of every answer. */
  status: number
  /** Time that is not counted, and time that is, in ms. */
  warmUp: number
  measured: number
}

export interface Measurement {
  /** Answers a second. */
  rate: number
  /** Quantiles of the response time, in ms. */
  p50: number
  p99: number
  /** Number of right answers, including those that are not counted. */
  acknowledged: number
  /** Share of one core that the generator used. Near 1 it would measure itself. */
  generatorCpu: number
}

/** Part of every id and of every address, so that no two generators send the same. */
const PREFIX = process.pid.toString(16).padStart(6, '0').slice(-6)

let count = 0

/** Returns a UUID of version 7 like the widget's: the time, then scattered digits that repeat after 4 × 10⁹ ids. */
function nextId(): string {
  count += 1
  const time = Date.now().toString(16).padStart(12, '0')
  const scattered = (Math.imul(count, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${scattered.slice(0, 3)}-8${scattered.slice(3, 6)}-${scattered.slice(6)}0000${PREFIX}`
}

/** Returns the local part of an address. Scattered, because an index takes keys that come in order faster. */
function nextPerson(): string {
  return (Math.imul(count, 0x9e3779b1) & 0xffffff).toString(16).padStart(6, '0') + PREFIX
}

/** Runs one measurement. */
async function run({ port, connections, shape, status, warmUp, measured }: Load): Promise<Measurement> {
  const write = createRequests(shape)
  const latencies: number[] = []
  const from = performance.now() + warmUp
  const until = from + measured
  let acknowledged = 0
  let cpu = process.cpuUsage()
  const begin = setTimeout(() => (cpu = process.cpuUsage()), warmUp)

  function client(): Promise<void> {
    return new Promise((resolve, reject) => {
      let id = ''
      let sentAt = 0
      let text = ''
      const socket: Socket = connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        // One buffer for all data, without a stream and without copies.
        onread: {
          buffer: Buffer.allocUnsafe(16_384),
          callback: (size, buffer) => (read(size, buffer as Buffer), true),
        },
      })
      const send = () => {
        id = nextId()
        sentAt = performance.now()
        socket.write(write(id, nextPerson()), 'latin1')
      }
      const read = (size: number, buffer: Buffer) => {
        text += buffer.toString('latin1', 0, size)
        const body = bodyOf(text)
        if (body === undefined) return
        const now = performance.now()
        if (!text.startsWith(`HTTP/1.1 ${status} `) || !body.includes(id)) {
          socket.destroy(new Error(`wrong answer: ${text.slice(0, 600)}`))
          return
        }
        text = ''
        acknowledged += 1
        if (now >= from && now < until) latencies.push(now - sentAt)
        if (now < until) send()
        else socket.end()
      }
      socket.once('connect', send)
      socket.once('error', reject)
      socket.once('close', () =>
        id !== '' && text === '' ? resolve() : reject(new Error('the connection closed before the answer')),
      )
    })
  }

  await Promise.all(Array.from({ length: connections }, client))
  clearTimeout(begin)
  const { user, system } = process.cpuUsage(cpu)
  const sorted = Float64Array.from(latencies).toSorted()
  const quantile = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return {
    rate: latencies.length / (measured / 1_000),
    p50: quantile(0.5),
    p99: quantile(0.99),
    acknowledged,
    generatorCpu: (user + system) / 1_000 / (performance.now() - from),
  }
}

/** Returns the body of a complete answer; undefined while a part of it is missing. */
function bodyOf(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  const body = text.slice(end + 4)
  if (length === undefined) return body.endsWith('0\r\n\r\n') ? body : undefined
  return body.length >= Number(length) ? body : undefined
}

process.on('message', (load: Load) => {
  run(load).then(
    (measurement) => process.send?.({ measurement }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.once('disconnect', () => process.exit())
