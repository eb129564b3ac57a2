/** The senders of a flood and the visitors among them. Each has an address, which the proxy reports. */
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnChild } from '../chaos/cleanup.ts'
import type { Order } from './posts.ts'
import { ORIGIN, type Setting } from './setting.ts'

/** Domain of the addresses of visitors. */
const VISITORS = 'visitor.example'

export interface Flood {
  /** Number of posts by the status of the reply. */
  replies: Record<string, number>
  sent: number
  seconds: number
}

export type FloodPlan = Omit<Order, 'port'>

/** Sends posts from a process of its own, until the time is over. */
export async function flood(setting: Setting, plan: FloodPlan): Promise<Flood> {
  const order: Order = { ...plan, port: setting.port }
  const program = join(import.meta.dirname, 'sender-process.ts')
  const child = spawnChild(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the sender of the flood ended with ${code}`)
  return JSON.parse(printed) as Flood
}

/** A visitor who has sent the form. */
export interface Visitor {
  email: string
  status: number
  /** Time at which the relay had accepted the lead, in epoch ms. */
  acceptedAt: number
  /** Time until the reply, in ms. */
  ms: number
}

/** Sends the form as a page with the widget does, with a ticket, and every second visitor with a cookie. */
export async function visit(setting: Setting, name: string, number: number): Promise<Visitor> {
  const as = { origin: ORIGIN, accept: 'application/json', 'x-forwarded-for': `203.0.113.${number % 250}` }
  const email = `${name}${number}@${VISITORS}`
  const { ticket } = (await (await fetch(`${setting.url}/f/contact/ticket`, { headers: as })).json()) as {
    ticket: string
  }
  const start = performance.now()
  const response = await fetch(`${setting.url}/f/contact`, {
    method: 'POST',
    body: new URLSearchParams({
      Email: email,
      LastName: 'Visitor',
      _ticket: ticket,
      ...(number % 2 === 0 && { _visitor: `id:123-ABC-456&token:_mch-acme.example-${name}-${number}` }),
    }),
    headers: as,
  })
  await response.text()
  return { email, status: response.status, acceptedAt: Date.now(), ms: performance.now() - start }
}

/** Sends the form for several visitors, spread over a time. */
export async function visitors(setting: Setting, name: string, count: number, seconds: number): Promise<Visitor[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, number) => {
      await sleep(((number + 0.5) / count) * seconds * 1_000)
      return visit(setting, name, number)
    }),
  )
}

/** Waits until the visitors are known at Marketo. Returns the longest time of one, in ms; `Infinity` if one is missing. */
export async function longestDelivery(setting: Setting, all: readonly Visitor[], maxMs: number): Promise<number> {
  const waiting = new Map(all.map(({ email, acceptedAt }) => [email, acceptedAt]))
  let longest = 0
  const end = Math.max(...waiting.values()) + maxMs
  while (waiting.size > 0 && Date.now() < end) {
    for (const { email, updatedAt } of await setting.people()) {
      const acceptedAt = waiting.get(email ?? '')
      if (acceptedAt === undefined) continue
      waiting.delete(email ?? '')
      longest = Math.max(longest, Date.parse(updatedAt) - acceptedAt)
    }
    await sleep(500)
  }
  return waiting.size > 0 ? Infinity : longest
}
