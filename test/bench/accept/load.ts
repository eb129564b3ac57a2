/**
 * The load generator, a process of its own: HTTP/1.1 over plain sockets, one request at a time on each connection, the
 * next as soon as the answer is there. It says over its IPC channel what it measured.
 *
 * It looks at every answer: its status, and that it names the id of its own request and of no other. One wrong answer
 * ends the measurement. Ids and persons never repeat as long as the process lives.
 */
import { connect, type Socket } from 'node:net'
import { createRequests, type Shape } from './request.ts'

export interface Load {
  port: number
  connections: number
  shape: Shape
  /** The only status that is right. */
  status: number
  /** Milliseconds that are not counted, and those that are. */
  warm: number
  measured: number
}

export interface Measurement {
  /** Answers a second. */
  rate: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** Every right answer, the ones not counted too. */
  acknowledged: number
  /** The share of one core that the generator itself took: at 1 it would measure itself. */
  busy: number
}

/** Part of every id and of every address: no two generators send the same. */
const PREFIX = process.pid.toString(16).padStart(6, '0').slice(-6)

let count = 0

/** A UUID of version 7 like the widget's: time first, then digits in no order that repeat after four thousand million. */
function nextId(): string {
  count += 1
  const time = Date.now().toString(16).padStart(12, '0')
  const scattered = (Math.imul(count, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${scattered.slice(0, 3)}-8${scattered.slice(3, 6)}-${scattered.slice(6)}0000${PREFIX}`
}

function nextPerson(): string {
  return PREFIX + (count % 0x1000000).toString(16).padStart(6, '0')
}

/** Runs one measurement. */
async function run({ port, connections, shape, status, warm, measured }: Load): Promise<Measurement> {
  const write = createRequests(shape)
  const latencies: number[] = []
  const from = performance.now() + warm
  const until = from + measured
  let acknowledged = 0
  let cpu = process.cpuUsage()
  const begin = setTimeout(() => (cpu = process.cpuUsage()), warm)

  function client(): Promise<void> {
    return new Promise((resolve, reject) => {
      let id = ''
      let sentAt = 0
      let text = ''
      const socket: Socket = connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        // One buffer for all that comes: no stream, no copy.
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
          socket.destroy(new Error(`a wrong answer: ${text.slice(0, 600)}`))
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
      socket.once('close', () => (id !== '' && text === '' ? resolve() : reject(new Error('the connection was cut'))))
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
    busy: (user + system) / 1_000 / (performance.now() - from),
  }
}

/** The body of a whole answer; undefined while some of it is missing. */
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
