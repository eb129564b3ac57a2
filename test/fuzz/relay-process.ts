/** Runs a relay on Node as its own process, which says how much memory it uses after its garbage was collected. */
import { ConfigError } from '../../relay/config/config.ts'
import { serve } from '../../relay/runtime/node/serve.ts'

const [data = '', forms = '', port = '0'] = process.argv.slice(2)
try {
  const relay = await serve({
    env: process.env,
    forms,
    data,
    port: Number(port),
    host: '127.0.0.1',
    log: () => {},
    checks: false,
  })
  process.stdout.write(`the relay listens at ${relay.url}\n`)
  process.on('message', () => {
    // Twice: a finaliser may release more.
    globalThis.gc?.()
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    process.send?.(heapUsed + external)
  })
  process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(error instanceof ConfigError ? 2 : 1)
}
