/**
 * Serves the built widget from memory: the same files and headers that Cloudflare serves as static assets.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'

interface File {
  type: string
  cache: string
  etag: string
  plain: Uint8Array<ArrayBuffer>
  brotli: Uint8Array<ArrayBuffer>
}

const JAVASCRIPT = 'text/javascript; charset=utf-8'
const CACHE_FIVE_MINUTES = 'public, max-age=300'
const CACHE_FOREVER = 'public, max-age=31536000, immutable'

/**
 * Reads `form-sync.js`, its hashed copy, `form-sync.json` and the parts that are loaded on demand (`form-sync-….js`) from the
 * folder that `npm run build` creates.
 *
 * @returns a function that answers requests for these files, and returns undefined for any other path
 * @throws if the folder is missing; the message says what to do
 */
export function readWidget(folder: string): (request: Request) => Response | undefined {
  const { script } = JSON.parse(read(folder, 'form-sync.json').toString()) as { script: string }
  const parts = readdirSync(folder).filter((name) => /^form-sync-[a-z-]+\.js$/.test(name))
  const files = new Map<string, File>([
    ...['form-sync.js', ...parts].map((name): [string, File] => [
      `/${name}`,
      file(read(folder, name), JAVASCRIPT, CACHE_FIVE_MINUTES),
    ]),
    ['/form-sync.json', file(read(folder, 'form-sync.json'), 'application/json', CACHE_FIVE_MINUTES)],
    [script, file(read(folder, script.slice(1)), JAVASCRIPT, CACHE_FOREVER)],
  ])

  return (request) => {
    const found = files.get(new URL(request.url).pathname)
    if (!found) return undefined
    const brotli = acceptsBrotli(request.headers.get('accept-encoding') ?? '')
    const headers = {
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': found.cache,
      'content-type': found.type,
      etag: found.etag,
      vary: 'accept-encoding',
    }
    if (request.headers.get('if-none-match') === found.etag) return new Response(null, { status: 304, headers })
    const body = request.method === 'HEAD' ? null : brotli ? found.brotli : found.plain
    return new Response(body, { headers: brotli ? { ...headers, 'content-encoding': 'br' } : headers })
  }
}

/** Returns whether `Accept-Encoding` has Brotli with a weight above 0 (RFC 9110, 12.5.3). */
function acceptsBrotli(accepted: string): boolean {
  const weights = new Map(
    accepted.split(',').map((each) => {
      const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase())
      return [name, Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1)]
    }),
  )
  return (weights.get('br') ?? weights.get('*') ?? 0) > 0
}

function file(content: Buffer, type: string, cache: string): File {
  return {
    type,
    cache,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    plain: new Uint8Array(content),
    brotli: new Uint8Array(brotliCompressSync(content)),
  }
}

function read(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name))
  } catch (error) {
    throw new Error(`The widget is not built: run "npm run build". ${(error as Error).message}`, { cause: error })
  }
}
