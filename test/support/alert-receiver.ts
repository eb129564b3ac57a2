/** An HTTP server that receives alerts, and replies as the test says. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

interface ReceivedAlert {
  headers: IncomingHttpHeaders
  body: string
}

/** Starts the server on a free port of the loopback address. It ends with the test. */
export async function startAlertReceiver() {
  const received: ReceivedAlert[] = []
  let status: number | 'none' = 204
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    received.push({ headers: request.headers, body: await text(request) })
    if (status !== 'none') response.writeHead(status, { location: '/elsewhere' }).end()
  }
  const server = createServer((request, response) => void receive(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(stop)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/secret-path`,
    host: `127.0.0.1:${port}`,
    /** All that was received, also what was refused. */
    received,
    /** Sets the status of the replies; `none` replies never. */
    reply: (next: number | 'none') => void (status = next),
    stop,
  }
}
