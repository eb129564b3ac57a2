/**
 * A real Chromium that comes with `npm ci`: unpacked once a version into `.cache/`, started with our own switches.
 *
 * The package's own switches are not used: they turn web security off, and a test of CORS would pass that must fail.
 */
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'

/** Where the browser stands; `CHROME_BIN` names another one. */
export async function chromiumPath(): Promise<string> {
  if (process.env.CHROME_BIN) return process.env.CHROME_BIN
  const root = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const cache = join(import.meta.dirname, '../../.cache')
  const unpacked = join(cache, `chromium-${version}`)
  if (existsSync(unpacked)) return unpacked

  mkdirSync(cache, { recursive: true })
  // Two processes may unpack at once: each writes its own file, and the rename decides.
  const partial = `${unpacked}.${process.pid}`
  await pipeline(
    createReadStream(join(root, 'bin/chromium.br')),
    createBrotliDecompress({ chunkSize: 2 ** 21 }),
    createWriteStream(partial, { mode: 0o755 }),
  )
  renameSync(partial, unpacked)
  return unpacked
}

export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
