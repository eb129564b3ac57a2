/** Runs `form-sync page`: shows one page on this machine, to try a form before it is on a site. Serves no other file. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stopSignal } from '../runtime/node/stop-signal.ts'
import { listenProblem } from './listen-problem.ts'
import { parseOptions, usageError } from './parse-options.ts'

const HELP = `Usage: form-sync page [<file>] [options]

Shows a page at http://localhost:8080, the origin that "form-sync init" writes
into the forms file, so that you can try the form. It reads the file anew for
each request, and runs until Ctrl+C. It is no server for a site.

Options:
  --port <number>       Port, 0 for a free one. Default: 8080
  -h, --help            Show this help

Examples:
  form-sync page
  form-sync page contact.html --port 8081

Exit codes:
  0  The page was shown until a signal
  1  The file cannot be read, or the port is in use
  2  The options are wrong`

/** Runs the command. Resolves with its exit code when a signal has stopped it. */
export async function pageCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('page', (error as Error).message)
  }
  if (parsed.help) {
    console.log(HELP)
    return 0
  }
  const { file, port } = parsed
  const stopped = stopSignal(env)
  try {
    readFileSync(file)
    const server = await showPage(file, port)
    console.log(`page http://localhost:${(server.address() as AddressInfo).port}`)
    await stopped
    server.close()
    server.closeAllConnections()
    return 0
  } catch (error) {
    console.error(`form-sync page: ${listenProblem(error, port)}`)
    return 1
  }
}

function parse(words: string[]) {
  const { values, positionals } = parseOptions({
    args: words,
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8080' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { port, help } = values
  const [file = 'contact.html', more] = positionals
  if (more !== undefined) throw new Error(`only one page is shown; "${more}" is a second one`)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error(`the port must be a whole number from 0 to 65535, not "${port}"`)
  }
  return { file, port: Number(port), help }
}

/** Listens on the loopback address alone, and answers each request for `/` with the file. */
function showPage(file: string, port: number): Promise<Server> {
  const server = createServer(({ url }, response) => {
    if (url?.split('?')[0] !== '/') {
      response.writeHead(404).end()
      return
    }
    try {
      const content = readFileSync(file)
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(content)
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end((error as Error).message)
    }
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
}
