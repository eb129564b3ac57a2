/**
 * The Chromium that `npm ci` installs. Each version is unpacked once into `.cache/`.
 *
 * The switches of the package are not used: they turn off web security, so that a test of CORS would wrongly pass.
 */
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'

/** Returns the path of the browser, and unpacks it if needed. `CHROME_BIN` selects another browser. */
export async function chromiumPath(): Promise<string> {
  if (process.env.CHROME_BIN) return process.env.CHROME_BIN
  const root = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const cache = join(import.meta.dirname, '../../.cache')
  const unpacked = join(cache, `chromium-${version}`)
  if (existsSync(unpacked)) return unpacked

  mkdirSync(cache, { recursive: true })
  // Two processes may unpack at the same time, so each writes its own file and renames it.
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
