/** Runs every example of the simulator's docs in order on one simulator. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createSimulator } from '../../../demo/simulator/index.ts'
import { DEMO_ACCOUNT } from '../../../demo/simulator/account.ts'
import { START } from './simulator-client.ts'

const PAGE = new URL('../../../docs/simulator.md', import.meta.url)
const HERE = 'http://localhost:8090'

it('the examples of docs/simulator.md return the documented answers', async () => {
  const { app } = createSimulator({ now: () => START, account: DEMO_ACCOUNT })
  const blocks = [...(await readFile(PAGE, 'utf8')).matchAll(/^```(sh|json)\n([^]*?)^```$/gm)]
  let answer: unknown
  const actual: unknown[] = []
  const documented: unknown[] = []

  for (const [, language, text = ''] of blocks) {
    if (language === 'json') {
      documented.push(JSON.parse(text))
      actual.push(answer)
      continue
    }
    if (!isExample(text)) continue
    for (const line of text.trim().split('\n')) {
      const { path, method, body } = readCurl(line)
      const response = await app.request(path, { method, body })
      expect(response.ok, line).toBe(true)
      answer = response.status === 204 ? undefined : await response.json()
    }
  }

  expect(documented.length).toBeGreaterThan(5)
  expect(actual).toEqual(documented)
})

it('docs/simulator.md mentions every route of /sim/', async () => {
  const page = await readFile(PAGE, 'utf8')
  const { app } = createSimulator({ now: () => START, account: DEMO_ACCOUNT })

  const routes = app.routes.map(({ path }) => path.replace('/:number', '/1')).filter((path) => path.startsWith('/sim/'))

  expect(routes.length).toBeGreaterThan(10)
  expect(routes.filter((path) => !page.includes(path))).toEqual([])
})

/** False for other programs than curl, and for a call that only a reader has made. */
function isExample(text: string): boolean {
  return text
    .trim()
    .split('\n')
    .every((line) => line.startsWith('curl ') && line.includes(HERE) && !line.endsWith('calls/1'))
}

/** Parses the curl options that the examples use. */
function readCurl(line: string): { path: string; method: string; body: string | null } {
  const words = /^curl(?: -X (?<method>[A-Z]+))? '?(?<url>[^' ]+)'?(?: -d '(?<body>[^']*)')?$/.exec(line)?.groups
  if (!words?.['url']?.startsWith(HERE)) throw new Error(`Unsupported example: ${line}`)
  const { method, url, body } = words
  return { path: url.slice(HERE.length), method: method ?? (body === undefined ? 'GET' : 'POST'), body: body ?? null }
}
