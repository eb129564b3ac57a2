/** The demo site on a port of this machine. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createSite, type Surroundings } from './index.ts'

export interface Listening {
  /** `http://localhost:8080`: by name, because site, relay and simulator share the visitor's cookie by its host. */
  url: string
  /** Takes no more connections and ends those that are open. */
  close(): Promise<void>
}

/**
 * Serves the site. Rejects if the port cannot be had.
 *
 * @param options.port 0 picks a free one
 * @param options.host the address to listen on
 */
export async function serveSite({
  port,
  host = '127.0.0.1',
  ...around
}: Surroundings & { port: number; host?: string }): Promise<Listening> {
  const server = createAdaptorServer({ fetch: createSite(around).fetch })
  await new Promise<void>((listening, refused) => {
    server.once('error', refused)
    server.listen(port, host, () => listening())
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed, failed) => {
        server.close((error) => (error ? failed(error) : closed()))
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
