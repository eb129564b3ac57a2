/**
 * Runs the relay in workerd as its own process: `node test/support/edge-relay.ts <data> <port> <variables as JSON>
 * <script> log`. The last two may be left out.
 */
import { serveEdge } from '../../demo/edge.ts'

const [data = '', port = '0', variables = '{}', script, log] = process.argv.slice(2)
const env = JSON.parse(variables) as Record<string, string>
const relay = await serveEdge({
  env,
  data,
  port: Number(port),
  ...(script !== undefined && { script }),
  log: log !== undefined,
})
console.log(`the relay listens at ${relay.url}`)
process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)))
