/** The simulator on Node: the door for whoever starts it in a process of their own. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { DEMO_ACCOUNT } from './account.ts'
import { holdFolder } from './folder-lock.ts'
import { pagesIn } from './page-files.ts'
import { journalIn } from './journal-file.ts'
import { createSimulator, type SimulatorOptions } from './index.ts'

export { accountFrom, DEMO_ACCOUNT } from './account.ts'

export interface ServeOptions extends Partial<SimulatorOptions> {
  /** 0 takes a free one. */
  port: number
  /** Where to listen; nobody but this machine can reach the default. */
  host?: string
  /** The folder where what happens is kept. Without one a restart forgets everything. */
  data?: string | undefined
}

export interface RunningSimulator {
  /** `http://localhost:8090`, without a slash at the end. */
  url: string
  /** Breaks every open connection and resolves when the port is free. */
  close(): Promise<void>
}

/**
 * Resolves when it listens; rejects with Node's own error when it cannot, as for a port that is taken, or with what is
 * wrong with the data or that another simulator has the folder.
 */
export async function serveSimulator({
  port,
  host = '127.0.0.1',
  data,
  ...options
}: ServeOptions): Promise<RunningSimulator> {
  const lock = data === undefined ? undefined : holdFolder(data)
  try {
    const { url, close } = await listen(port, host, data, options)
    return { url, close: () => close().finally(() => lock?.release()) }
  } catch (error) {
    lock?.release()
    throw error
  }
}

async function listen(
  port: number,
  host: string,
  data: string | undefined,
  options: Partial<SimulatorOptions>,
): Promise<RunningSimulator> {
  const { app } = createSimulator({
    now: Date.now,
    account: DEMO_ACCOUNT,
    pages: pagesIn(new URL('../../dist/journeys/', import.meta.url)),
    ...(data !== undefined && { journal: journalIn(data) }),
    ...options,
  })
  const server = createAdaptorServer({
    fetch: (request, env) =>
      app.fetch(request, { drop: () => (env as HttpBindings).incoming.socket.resetAndDestroy() }),
    overrideGlobalObjects: false,
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
