import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readWidget } from '../../../../relay/runtime/node/widget-files.ts'

const DIST = join(import.meta.dirname, '../../../../dist/widget')
const get = readWidget(DIST)
const ask = (path: string, headers: Record<string, string> = {}) =>
  get(new Request(`https://forms.acme.example${path}`, { headers }))

const bytesOf = async (response: Response | undefined) =>
  Buffer.from(response ? await response.arrayBuffer() : new ArrayBuffer())

/** Reads the headers that Cloudflare sends for a path, from the `_headers` file of the build. */
function cloudflareHeaders(path: string): Record<string, string> {
  const found: Record<string, string> = {}
  let applies = false
  for (const line of readFileSync(join(DIST, '_headers'), 'utf8').split('\n')) {
    if (line.startsWith('/')) applies = line === '/*' || line === path
    else if (applies && line.includes(': ')) {
      const [name = '', ...value] = line.trim().split(': ')
      found[name.toLowerCase()] = value.join(': ')
    }
  }
  return found
}

describe('the widget, served by the relay on Node', () => {
  const { script, integrity } = JSON.parse(readFileSync(join(DIST, 'form-sync.json'), 'utf8')) as Record<
    'script' | 'integrity',
    string
  >

  it.each(['/form-sync.js', '/form-sync.json', script])('%s has the same headers as on Cloudflare', (path) => {
    const headers = Object.fromEntries(ask(path)?.headers ?? [])

    const expected = cloudflareHeaders(path)
    expect(Object.keys(expected)).toContain('cache-control')
    expect(headers).toMatchObject(expected)
  })

  it('has an immutable copy whose integrity digest matches its content', async () => {
    const content = await bytesOf(ask(script))

    expect(content).toEqual(readFileSync(join(DIST, 'form-sync.js')))
    expect(integrity).toBe(`sha384-${createHash('sha384').update(content).digest('base64')}`)
    expect(ask(script)?.headers.get('cache-control')).toContain('immutable')
  })

  it('is compressed with Brotli for clients that accept it', async () => {
    const plain = await bytesOf(ask('/form-sync.js'))
    const response = ask('/form-sync.js', { 'accept-encoding': 'gzip, br' })

    expect(response?.headers.get('content-encoding')).toBe('br')
    expect(brotliDecompressSync(await bytesOf(response))).toEqual(plain)
  })

  it.each([
    ['br;q=0', null],
    ['gzip, br; q=0.0', null],
    ['gzip', null],
    ['', null],
    ['*;q=0', null],
    ['brotli', null],
    ['br;q=0.1', 'br'],
    ['*', 'br'],
    ['BR', 'br'],
  ])('is compressed by the weights of Accept-Encoding: %s', (accepted, encoding) => {
    expect(ask('/form-sync.js', { 'accept-encoding': accepted })?.headers.get('content-encoding')).toBe(encoding)
  })

  it('is not sent again to clients that have it', () => {
    const etag = ask('/form-sync.js')?.headers.get('etag') ?? ''

    expect(etag).not.toBe('')
    expect(ask('/form-sync.js', { 'if-none-match': etag })?.status).toBe(304)
  })

  it('has no other files', () => {
    expect(ask('/_headers')).toBeUndefined()
    expect(ask('/../../package.json')).toBeUndefined()
  })

  it('fails with the build command when the widget is not built', () => {
    expect(() => readWidget('nowhere')).toThrow('The widget is not built: run "npm run build".')
  })
})
