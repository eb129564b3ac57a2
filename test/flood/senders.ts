/** The senders of a flood and the visitors among them. Each has an address, which the proxy reports. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { ORIGIN, type Setting } from './setting.ts'

/** Domains of the addresses of visitors, and of those that a flood has made up. */
const VISITORS = 'visitor.example'
const MADE_UP = 'flood.example'

/** Requests at once. */
const AT_ONCE = 64

export interface Flood {
  /** Number of posts by the status of the reply. */
  replies: Record<string, number>
  sent: number
  seconds: number
}

export interface FloodPlan {
  /** Sources, which take turns. */
  sources: number
  /** The most posts a second. */
  perSecond: number
  seconds: number
  /** Number of the first source, so that those of two floods differ. */
  first: number
}

/** Sends posts until the time is over. Every second one has a made-up cookie, and none has a ticket. */
export async function flood(setting: Setting, { sources, perSecond, seconds, first }: FloodPlan): Promise<Flood> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const start = performance.now()
  const end = start + seconds * 1_000
  const result: Flood = { replies: {}, sent: 0, seconds: 0 }
  const sender = async () => {
    while (performance.now() < end) {
      const number = result.sent++
      const due = start + (number / perSecond) * 1_000
      const wait = due - performance.now()
      if (wait > 1) await sleep(wait)
      const status = await post(agent, setting.port, addressOf(first + (number % sources)), madeUp(first, number))
      result.replies[status] = (result.replies[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  agent.destroy()
  result.seconds = (performance.now() - start) / 1_000
  return result
}

/** Returns the address of a source, of a network for tests. */
function addressOf(source: number): string {
  return `10.${source >> 16}.${(source >> 8) & 255}.${source & 255}`
}

function madeUp(first: number, number: number): Record<string, string> {
  return {
    Email: `f${first}-${number}@${MADE_UP}`,
    LastName: 'Robot',
    ...(number % 2 === 0 && { _visitor: `id:123-ABC-456&token:_mch-acme.example-${first}-${number}` }),
  }
}

/** Posts a form over a connection that is kept. Resolves with the status, 0 for a broken connection. */
function post(agent: Agent, port: number, address: string, fields: Record<string, string>): Promise<number> {
  const body = new URLSearchParams(fields).toString()
  return new Promise((resolve) => {
    const sending = request({
      agent,
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/f/contact',
      headers: {
        origin: ORIGIN,
        accept: 'application/json',
        'x-forwarded-for': address,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': body.length,
      },
    })
    sending.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
    })
    sending.on('error', () => resolve(0))
    sending.end(body)
  })
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

/** Sends the form as a page with the widget does, with a ticket and a cookie. */
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
      _visitor: `id:123-ABC-456&token:_mch-acme.example-${name}-${number}`,
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
