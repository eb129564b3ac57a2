/** Runs the relay in workerd as its own process: `node test/support/edge-relay.ts <data> <port> <variables as JSON>`. */
import { serveEdge } from '../../demo/edge.ts'

const [data = '', port = '0', variables = '{}'] = process.argv.slice(2)
const relay = await serveEdge({ env: JSON.parse(variables) as Record<string, string>, data, port: Number(port) })
console.log(`the relay listens at ${relay.url}`)
process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)))
