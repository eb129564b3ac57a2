/**
 * A registry for `npm install form-sync` without a network: `node registry.ts <port> <folder of the unpacked package>`. It has the
 * package and what the checkout has installed.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'

const [port = '', own = ''] = process.argv.slice(2)
const MODULES = join(import.meta.dirname, '../../../node_modules')
const TARBALL = '/-/tarball/'

function folderOf(name: string): string {
  return name === 'form-sync' ? own : join(MODULES, name)
}

function sendVersions(name: string, response: ServerResponse): void {
  const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as {
    version: string
    scripts?: object
  }
  const { version } = manifest
  const dist = { tarball: `http://127.0.0.1:${port}${TARBALL}${name}` }
  const versions = { [version]: { ...manifest, dist } }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }))
}

function sendTarball(name: string, response: ServerResponse): void {
  const words = ['-cz', '--transform', 's,^\\.,package,', '-C', folderOf(name), '.']
  spawn('tar', words, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(response)
}

createServer(({ url = '' }, response) => {
  const path = decodeURIComponent(url)
  const isTarball = path.startsWith(TARBALL)
  const name = path.slice(isTarball ? TARBALL.length : 1)
  if (!existsSync(join(folderOf(name), 'package.json'))) response.writeHead(404).end()
  else if (isTarball) sendTarball(name, response)
  else sendVersions(name, response)
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('registry ready\n'))
