/**
 * A pooler like PgBouncer in transaction mode: it lends one of its connections to a client for one transaction, and then
 * to the next client that asks. It changes nothing in what passes.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Which free connection is lent: the one used last, as by default, or the one that has been free for longest. */
export type Choice = 'used last' | 'free for longest'

interface Upstream {
  socket: Socket
  /** The server's reply to the start of the connection. */
  greeting: Buffer
  client?: Client
}

interface Client {
  socket: Socket
  startup: Buffer
  upstream?: Upstream
  /** Requests whose end the server has not reported yet. */
  pending: number
}

/** Starts a pooler in front of the server with this socket. Returns its port. */
export async function startPooler(serverSocket: string, choice: Choice): Promise<number> {
  const free: Upstream[] = []
  const sockets = new Set<Socket>()
  const track = (socket: Socket) => {
    sockets.add(socket)
    return socket.on('error', () => {})
  }

  function open(startup: Buffer): Promise<Upstream> {
    return new Promise((resolve) => {
      const upstream: Upstream = { socket: track(connect(serverSocket)), greeting: Buffer.alloc(0) }
      let isOpen = false
      upstream.socket.write(startup)
      readMessages(upstream.socket, (message) => {
        const isReady = message[0] === READY
        if (!isOpen) {
          upstream.greeting = Buffer.concat([upstream.greeting, message])
          isOpen = isReady
          if (isReady) resolve(upstream)
          return
        }
        const { client } = upstream
        if (!client) return
        client.socket.write(message)
        if (!isReady) return
        client.pending -= 1
        if (client.pending > 0 || message[5] !== IDLE) return
        delete upstream.client
        delete client.upstream
        free.push(upstream)
      })
    })
  }

  async function lend(client: Client): Promise<Upstream> {
    const upstream = (choice === 'used last' ? free.pop() : free.shift()) ?? (await open(client.startup))
    upstream.client = client
    client.upstream = upstream
    return upstream
  }

  const server = createServer((socket) => {
    track(socket).once('data', (startup: Buffer) => {
      const client: Client = { socket, startup, pending: 0 }
      // The messages of a client go out one after the other, although lending takes time.
      const greet = async () => {
        const upstream = await open(startup)
        free.push(upstream)
        socket.write(upstream.greeting)
      }
      const forward = async (message: Buffer, before: Promise<void>) => {
        await before
        const upstream = client.upstream ?? (await lend(client))
        if (message[0] === QUERY || message[0] === SYNC) client.pending += 1
        upstream.socket.write(message)
      }
      let last = greet()
      readMessages(socket, (message) => {
        if (message[0] !== TERMINATE) last = forward(message, last)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Types of messages, and the state of a connection outside of a transaction: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const [READY, QUERY, SYNC, TERMINATE, IDLE] = [...Buffer.from('ZQSXI')]

/** Calls back for each complete message: a byte for its type, four for its length without the type, and its content. */
function readMessages(socket: Socket, read: (message: Buffer) => void): void {
  let buffered = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk])
    while (buffered.length >= 5 && buffered.length > buffered.readUInt32BE(1)) {
      const length = buffered.readUInt32BE(1) + 1
      read(buffered.subarray(0, length))
      buffered = buffered.subarray(length)
    }
  })
}
