/** Sends bytes over a connection of its own and parses the replies. Knows HTTP/1.1 and nothing of the relay. */
import { connect } from 'node:net'

export interface Reply {
  status: number
  /** Names in lower case. */
  headers: Map<string, string>
  body: string
}

export interface Exchange {
  replies: Reply[]
  /** True if the connection did not end in time. */
  hung: boolean
  /** True if the server has ended the connection while the client still sent: a reply may then be lost. */
  broken: boolean
  /** Bytes at the end that are no reply. */
  rest: string
}

/** Time without a byte after which a client that owes the rest of its request ends the connection, in ms. */
const GIVE_UP_MS = 60

/**
 * Sends the bytes and resolves when the server has closed the connection.
 *
 * @param isComplete false where the server may wait for more: the client then ends the connection
 * @param hangMs time after which the connection counts as hung, in ms
 */
export function exchange(port: number, bytes: Buffer, isComplete: boolean, hangMs: number): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    let [hung, broken] = [false, false]
    let giveUp: NodeJS.Timeout | undefined
    const hang = setTimeout(() => {
      hung = true
      socket.destroy()
    }, hangMs)
    const wait = () => {
      clearTimeout(giveUp)
      if (!isComplete) giveUp = setTimeout(() => socket.end(), GIVE_UP_MS)
    }
    socket.on('connect', () => socket.write(bytes, wait))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      wait()
    })
    socket.on('error', () => (broken = true))
    socket.on('close', () => {
      clearTimeout(hang)
      clearTimeout(giveUp)
      resolve({ ...parseReplies(Buffer.concat(chunks).toString('latin1')), hung, broken })
    })
  })
}

/** Parses the replies of a connection. Informational ones are left out. */
export function parseReplies(text: string): { replies: Reply[]; rest: string } {
  const replies: Reply[] = []
  let rest = text
  for (let parsed = parseReply(rest); parsed; parsed = parseReply(rest)) {
    rest = parsed.rest
    if (parsed.reply.status >= 200) replies.push(parsed.reply)
  }
  return { replies, rest }
}

function parseReply(text: string): { reply: Reply; rest: string } | undefined {
  const [head, status] = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(text) ?? []
  if (head === undefined) return undefined
  const headers = new Map(
    Array.from(head.matchAll(/^([^\s:]+): *(.*)\r$/gm), ([, name = '', value = '']) => [name.toLowerCase(), value]),
  )
  const after = text.slice(head.length)
  const reply = { status: Number(status), headers }
  if (headers.get('transfer-encoding') === 'chunked') {
    const { body, rest } = unchunk(after)
    return { reply: { ...reply, body }, rest }
  }
  const length = Number(headers.get('content-length') ?? 0)
  // The reply to a HEAD has the length of a body that does not come.
  const size = /^HTTP\/1\.[01] /.test(after) || after === '' ? 0 : length
  return { reply: { ...reply, body: after.slice(0, size) }, rest: after.slice(size) }
}

function unchunk(text: string): { body: string; rest: string } {
  let body = ''
  let rest = text
  for (;;) {
    const [line, digits = ''] = /^([0-9a-f]+)\r\n/i.exec(rest) ?? []
    if (line === undefined) return { body, rest }
    const size = Number.parseInt(digits, 16)
    body += rest.slice(line.length, line.length + size)
    rest = rest.slice(line.length + size + 2)
    if (size === 0) return { body, rest }
  }
}
