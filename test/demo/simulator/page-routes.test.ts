import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pageFilesIn } from '../../../demo/simulator/page-files.ts'
import { openSimulator } from './simulator-client.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pages-'))
})

afterEach(() => rm(folder, { recursive: true }))

describe('the page', () => {
  it('consists of the built files', async () => {
    await writeFile(join(folder, 'index.html'), '<h1>Journeys</h1>')
    await writeFile(join(folder, 'index.js'), 'let a')
    const { app } = openSimulator({ readPageFile: pageFilesIn(pathToFileURL(`${folder}/`)) })

    const [page, script] = [await app.request('/'), await app.request('/index.js')]

    expect([await page.text(), page.headers.get('content-type')]).toEqual([
      '<h1>Journeys</h1>',
      'text/html; charset=utf-8',
    ])
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('contains the URL of the site and the Munchkin id', async () => {
    await writeFile(join(folder, 'index.html'), '<meta name="site" content="" /><meta name="munchkin" content="" />')
    const { app } = openSimulator({
      readPageFile: pageFilesIn(pathToFileURL(`${folder}/`)),
      site: 'http://localhost:8080',
      account: { munchkinId: '"&' },
    })

    const page = await app.request('/')

    expect(await page.text()).toBe(
      '<meta name="site" content="http://localhost:8080/" /><meta name="munchkin" content="&quot;&amp;" />',
    )
  })

  it('is available after a build without a restart', async () => {
    const { app } = openSimulator({ readPageFile: pageFilesIn(pathToFileURL(`${folder}/`)) })
    const before = await (await app.request('/')).text()

    await writeFile(join(folder, 'index.html'), '<h1>Journeys</h1>')
    const after = await (await app.request('/')).text()

    expect(before).toContain('npm run build')
    expect(after).toBe('<h1>Journeys</h1>')
  })

  it.each(['/missing.js', '/', '/index.html/deeper.js', '/folder.without.type'])(
    'is answered without an error if a file is missing: %s',
    async (path) => {
      await writeFile(join(folder, 'other.html'), '')
      const { app } = openSimulator({ readPageFile: pageFilesIn(pathToFileURL(`${folder}/`)) })

      const response = await app.request(path)

      expect(response.status).toBe(path === '/' ? 200 : 404)
    },
  )

  it.each(['/', '/index.js', '/missing.js', '/favicon.ico'])(
    'has a policy that allows no inline script and no other host: %s',
    async (path) => {
      await writeFile(join(folder, 'index.js'), 'let a')
      const { app } = openSimulator({ readPageFile: pageFilesIn(pathToFileURL(`${folder}/`)) })

      const policy = (await app.request(path)).headers.get('content-security-policy') ?? ''

      expect(policy).toContain("default-src 'none'; script-src 'self';")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
    },
  )

  it('has an icon that is no error where the page names none', async () => {
    const { app } = openSimulator()

    expect((await app.request('/favicon.ico')).status).toBe(204)
  })

  it('is replaced by build instructions if there are no files', async () => {
    const { app } = openSimulator()

    const response = await app.request('/')

    expect(await response.text()).toContain('<pre>npm run build</pre>')
  })
})
