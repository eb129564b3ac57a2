/** WebKitGTK by its own WebDriver, in a virtual display: it has no headless mode. Each run starts both for itself. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { until } from '../until.ts'
import type { Driver, RunningBrowser } from './driver.ts'
import { startSession } from './web-driver.ts'

const DRIVER = '/usr/bin/WebKitWebDriver'
const DISPLAY = '/usr/bin/xvfb-run'
const BROWSERS = ['4.1', '6.0', '4.0'].map((api) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${api}/MiniBrowser`)

export const webkit: Driver = {
  name: 'webkit',
  hint: 'on Debian: apt-get install webkit2gtk-driver xvfb xauth',

  async start() {
    const binary = BROWSERS.find((path) => existsSync(path))
    const missing = [DRIVER, DISPLAY].find((path) => !existsSync(path))
    if (binary === undefined || missing !== undefined) return `not installed: ${missing ?? BROWSERS[0]!}`
    const port = await freePort()
    const words = ['--auto-servernum', DRIVER, `--port=${port}`, '--host=127.0.0.1']
    // Without the sandbox, which the user root cannot have. `detached` makes a process group, so that all of it can be ended.
    const env = { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', NO_AT_BRIDGE: '1' }
    const { pid } = spawn(DISPLAY, words, { env, stdio: 'ignore', detached: true })
    try {
      return await connect(`http://127.0.0.1:${port}`, binary, pid!)
    } catch (error) {
      process.kill(-pid!)
      throw error
    }
  },
}

async function connect(server: string, binary: string, pid: number): Promise<RunningBrowser> {
  await until('WebKitWebDriver listens', async () => (await fetch(`${server}/status`).catch(() => undefined))?.ok)
  const { version, open, run, find, findInShadow, type, press, end } = await startSession(server, {
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary, args: ['--automation'] },
  })
  return {
    version: `WebKitGTK ${version}`,
    open,
    run,
    type: async (selector, text) => type(await find(selector), text),
    press: async (selector) => press(await find(selector)),
    pressInShadow: async (selector) => press(await findInShadow(await find('form-sync'), selector)),
    async close() {
      await end()
      process.kill(-pid)
    },
  }
}

/** Returns a port that was free a moment ago: the driver cannot choose one by itself. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
