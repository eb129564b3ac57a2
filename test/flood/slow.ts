/** Connections that send slowly or pipeline, to a relay with little memory, and visitors meanwhile. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { visit } from './senders.ts'
import { startSetting, type Setting } from './setting.ts'

export interface SlowOptions {
  /** Connections with a body that never comes to its end. */
  bodies: number
  /** Connections that send requests without waiting for replies. */
  pipelines: number
  print?: (line: string) => void
}

export interface SlowReport {
  /** Connections that were open at the same time. */
  opened: number
  /** Statuses of the replies to visitors. */
  visitors: number[]
  /** Longest time until a visitor had a reply, with the tries that were refused, in ms. */
  longestMs: number
  peakMB: number
}

const POST = 'POST /f/contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
const SLOW = `${POST}Content-Length: 500\r\n\r\nEmail=`
const PIPELINED = `${POST}Content-Length: 9\r\n\r\nEmail=a@b`.repeat(200)

/** Time after which a sender whose connection was ended comes again, in ms. */
const AGAIN_AFTER_MS = 5_000

/** Addresses that the connections come from. */
const ADDRESSES = 4

const VISITORS = 10

/** Maximum time that a visitor's browser and widget try for, in ms. */
const TRY_MS = 60_000

/** Runs it. */
export async function holdSlowly({ bodies, pipelines, print = () => {} }: SlowOptions): Promise<SlowReport> {
  const setting = await startSetting({}, true)
  const sockets = new Set<Socket>()
  const report: SlowReport = { opened: 0, visitors: [], longestMs: 0, peakMB: 0 }
  let isOver = false
  let opened = 0
  const keepOpen = (sent: string): void => {
    if (isOver) return
    // Of several addresses, because each has some 28,000 ports, and a port that was used is not free at once.
    const localAddress = `127.0.0.${2 + (opened++ % ADDRESSES)}`
    const socket = connect({ port: setting.port, host: '127.0.0.1', localAddress })
    sockets.add(socket)
    socket.on('connect', () => socket.write(sent))
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      // An attacker comes again.
      setTimeout(() => keepOpen(sent), AGAIN_AFTER_MS).unref()
    })
    socket.resume()
  }
  try {
    for (let at = 0; at < bodies; at += 1) {
      keepOpen(SLOW)
      if (at % 200 === 0) await sleep(5)
    }
    for (let at = 0; at < pipelines; at += 1) keepOpen(PIPELINED)
    for (let number = 0; number < VISITORS; number += 1) {
      report.opened = Math.max(report.opened, sockets.size)
      const start = performance.now()
      report.visitors.push(await patientVisit(setting, number))
      report.longestMs = Math.max(report.longestMs, performance.now() - start)
    }
    report.peakMB = setting.peakMB()
    print(
      `slow: ${report.opened} connections, ${pipelines} of them pipelining; ${report.visitors.length} visitors ` +
        `answered within ${report.longestMs.toFixed(0)} ms; memory ${report.peakMB.toFixed(0)} MB at most`,
    )
    return report
  } finally {
    isOver = true
    for (const socket of sockets) socket.destroy()
    await setting.end()
  }
}

/** Tries as the widget and its visitor do, until there is a reply. Returns its status, 0 without one. */
async function patientVisit(setting: Setting, number: number): Promise<number> {
  const end = performance.now() + TRY_MS
  while (performance.now() < end) {
    try {
      return (await visit(setting, 'patient', number)).status
    } catch {
      await sleep(200)
    }
  }
  return 0
}
