/** The limits of the server on Node, against clients that send slowly, too much or never. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { connectionsWithin, defaultServerLimits } from '../../../../relay/runtime/node/server-limits.ts'
import { startNodeRelay } from '../../../support/node-relay.ts'

const FORM = 'POST /f/contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
const FAST = { headersTimeoutMs: 100, requestTimeoutMs: 200, timeoutCheckMs: 20 }
const ANA = { Email: 'ana@acme.example' }

interface Connection {
  socket: Socket
  /** Resolves with all that the relay has replied, when the connection is closed. */
  closed: Promise<string>
  received: () => string
}

/** Opens a connection that sends a text, and nothing else. */
async function open(port: number, sent: string): Promise<Connection> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (text: string) => (received += text)).on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(received)))
  await once(socket, 'connect')
  socket.write(sent)
  return { socket, closed, received: () => received }
}

/** Resolves with the replies when all of these connections are closed. */
function endsOf(connections: readonly Connection[]): Promise<string[]> {
  return Promise.all(connections.map(({ closed }) => closed))
}

it('ends 200 posts whose bodies never come, and takes a visitor meanwhile', async () => {
  const { port, post } = await startNodeRelay({ serverLimits: FAST })
  const slow = await Promise.all(
    Array.from({ length: 200 }, () => open(port, `${FORM}Content-Length: 500\r\n\r\nEmail=`)),
  )

  const visitor = await post(ANA)
  const ends = await endsOf(slow)

  expect(visitor.status).toBe(202)
  expect(ends.filter((end) => end.startsWith('HTTP/1.1 408 '))).toHaveLength(200)
})

it('ends 200 connections whose header never comes to its end', async () => {
  const { port } = await startNodeRelay({ serverLimits: { ...FAST, requestTimeoutMs: 60_000 } })
  const slow = await Promise.all(Array.from({ length: 200 }, () => open(port, 'GET /healthz HTTP/1.1\r\nX-A: ')))

  const ends = await endsOf(slow)

  expect(ends.filter((end) => end.startsWith('HTTP/1.1 408 '))).toHaveLength(200)
})

it('ends a connection after a number of requests, also when they are pipelined', async () => {
  const { port } = await startNodeRelay({ serverLimits: { requestsPerConnection: 5 } })
  const { received } = await open(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40))
  await expect.poll(() => received().match(/HTTP\/1\.1 \d/g)).toHaveLength(40)

  const replies = received()

  expect(replies.match(/HTTP\/1\.1 200 /g)).toHaveLength(5)
})

it('refuses a connection beyond their maximum, says so, and takes one when another has ended', async () => {
  const { port, issues, post } = await startNodeRelay({ env: { FORM_SYNC_MAX_CONNECTIONS: '3' } })
  const held = await Promise.all(Array.from({ length: 3 }, () => open(port, 'GET /healthz HTTP/1.1\r\n')))
  const refused = connect(port, '127.0.0.1').on('error', () => {})
  await once(refused, 'close')
  for (const { socket } of held) socket.end('Host: x\r\nConnection: close\r\n\r\n')
  const replies = await endsOf(held)

  const visitor = await post(ANA)

  expect(replies.every((reply) => reply.startsWith('HTTP/1.1 200 '))).toBe(true)
  expect(refused.bytesRead).toBe(0)
  expect(visitor.status).toBe(202)
  expect(await issues('full')).toEqual([expect.stringContaining('the server has 3 connections, and refuses more')])
})

it('slow senders of large bodies keep other large bodies out, and no ordinary form', async () => {
  const { port, post, events } = await startNodeRelay({ bodyLimit: { maxBytes: 90_000, uncountedBytes: 16_384 } })
  const large = { ...ANA, message: 'x'.repeat(20_000) }
  const slow = await open(port, `${FORM}Content-Length: 90000\r\n\r\nEmail=`)
  await expect.poll(async () => (await post(large)).status).toBe(503)

  const [form, refused] = await Promise.all([post(ANA), post(large)])
  slow.socket.destroy()

  expect(form.status).toBe(202)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(events).toContainEqual(expect.objectContaining({ event: 'refused', code: 'unavailable' }))
  await expect.poll(async () => (await post(large)).status).toBe(202)
})

it('a body without a length counts as the largest one', async () => {
  const { port } = await startNodeRelay({ bodyLimit: { maxBytes: 500_000, uncountedBytes: 16_384 } })
  const { closed } = await open(port, `${FORM}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`)

  expect(await closed).toMatch(/^HTTP\/1\.1 503 [^]*\r\nretry-after: 5\r\n/i)
})

it.each([
  ['gzip', '/f/contact'],
  ['BR', '/f/contact'],
  ['gzip', '/v1/leads'],
])('refuses a body that is compressed with %s, at %s', async (encoding, path) => {
  const { url } = await startNodeRelay({ env: { FORM_SYNC_API_KEYS: 'key-of-twenty-letters' } })
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body: gzipSync('Email=ana%40acme.example'),
    headers: {
      'content-encoding': encoding,
      'content-type': path === '/v1/leads' ? 'application/json' : 'application/x-www-form-urlencoded',
      accept: 'application/json',
      authorization: 'Bearer key-of-twenty-letters',
    },
  })

  expect(response.status).toBe(415)
  expect(await response.json()).toMatchObject({ code: 'type', detail: expect.stringContaining('compressed') as string })
})

it('takes a body whose encoding is identity', async () => {
  const { post } = await startNodeRelay()

  expect((await post(ANA, { 'content-encoding': 'identity' })).status).toBe(202)
})

it.each([
  [256, 128],
  [1_024, 896],
  [20_000, 5_000],
  [Infinity, 5_000],
])('with %d descriptors there are at most %d connections', (descriptors, connections) => {
  expect(connectionsWithin(descriptors)).toBe(connections)
})

it('waits ten seconds for a header and fifteen for a request by default', () => {
  const limits = defaultServerLimits()

  expect(limits).toMatchObject({ headersTimeoutMs: 10_000, requestTimeoutMs: 15_000, requestsPerConnection: 1_000 })
  expect(limits.maxConnections).toBeGreaterThan(100)
})
