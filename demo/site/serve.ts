/** Serves the demo site on a local port; no other file of the site uses the network. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createSite, type SiteOptions } from './index.ts'

export interface RunningSite {
  /** `http://localhost:8080`. By name, because site, relay and simulator share the visitor's cookie by its host. */
  url: string
  /** Stops listening and closes open connections. */
  close(): Promise<void>
}

/**
 * Starts the site. Rejects if it cannot listen on the port.
 *
 * @param options.port 0 selects a free port
 * @param options.host address to listen on
 */
export async function serveSite({
  port,
  host = '127.0.0.1',
  ...options
}: SiteOptions & { port: number; host?: string }): Promise<RunningSite> {
  const server = createAdaptorServer({ fetch: createSite(options).fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
