/** Runs the simulator on Node, with its port, its data folder and the built page. All other code names no runtime. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { DEMO_ACCOUNT } from './account.ts'
import { PAGE_FOLDER } from './built-page.ts'
import { lockFolder } from './folder-lock.ts'
import { openJournal } from './journal-file.ts'
import { pageFilesIn } from './page-files.ts'
import { createSimulator, type SimulatorOptions } from './index.ts'

export { accountFrom, DEMO_ACCOUNT } from './account.ts'
export { connectionLines } from './connection-lines.ts'

export interface ServeOptions extends Partial<SimulatorOptions> {
  /** 0 picks a free port. */
  port: number
  /** Address to listen on. The default, 127.0.0.1, is reachable from this machine only. */
  host?: string
  /** Folder for the journal. Without it a restart loses everything. */
  data?: string | undefined
}

export interface RunningSimulator {
  /** Such as `http://localhost:8090`, without a trailing slash. */
  url: string
  /** Breaks every open connection and resolves when the port is free. */
  close(): Promise<void>
}

/**
 * Starts the simulator and resolves when it listens.
 *
 * @throws Node's error if it cannot listen, such as `EADDRINUSE`; an error with a remedy if the data folder is in use or
 *   unusable
 */
export async function serveSimulator({
  port,
  host = '127.0.0.1',
  data,
  ...options
}: ServeOptions): Promise<RunningSimulator> {
  const lock = data === undefined ? undefined : lockFolder(data)
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
    readPageFile: pageFilesIn(PAGE_FOLDER),
    ...(data !== undefined && { journal: openJournal(data) }),
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
  const { port: actualPort } = server.address() as AddressInfo
  return {
    url: `http://${host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
