/** Every example in the simulator's docs, run in their order on one simulator. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createSimulator } from '../../../demo/simulator/index.ts'
import { DEMO_ACCOUNT } from '../../../demo/simulator/account.ts'
import { START } from './simulator-client.ts'

const PAGE = new URL('../../../docs/simulator.md', import.meta.url)
const HERE = 'http://localhost:8090'

it('the examples of docs/simulator.md do what they say', async () => {
  const { app } = createSimulator({ now: () => START, account: DEMO_ACCOUNT })
  const blocks = [...(await readFile(PAGE, 'utf8')).matchAll(/^```(sh|json)\n([^]*?)^```$/gm)]
  let answer: unknown
  const answered: unknown[] = []
  const told: unknown[] = []

  for (const [, language, text = ''] of blocks) {
    if (language === 'json') {
      told.push(JSON.parse(text))
      answered.push(answer)
      continue
    }
    for (const line of text.trim().split('\n')) {
      const { path, method, body } = readCurl(line)
      const response = await app.request(path, { method, body })
      expect(response.ok, line).toBe(true)
      answer = response.status === 204 ? undefined : await response.json()
    }
  }

  expect(told.length).toBeGreaterThan(5)
  expect(answered).toEqual(told)
})

it('every route of /sim/ is in the docs', async () => {
  const page = await readFile(PAGE, 'utf8')
  const { app } = createSimulator({ now: () => START, account: DEMO_ACCOUNT })

  const routes = app.routes.map(({ path }) => path.replace('/:number', '/1')).filter((path) => path.startsWith('/sim/'))

  expect(routes.length).toBeGreaterThan(10)
  expect(routes.filter((path) => !page.includes(path))).toEqual([])
})

/** The few words of curl that the examples use. */
function readCurl(line: string): { path: string; method: string; body: string | null } {
  const words = /^curl(?: -X (?<method>[A-Z]+))? '?(?<url>[^' ]+)'?(?: -d '(?<body>[^']*)')?$/.exec(line)?.groups
  if (!words?.['url']?.startsWith(HERE)) throw new Error(`This is no example that can be run: ${line}`)
  const { method, url, body } = words
  return { path: url.slice(HERE.length), method: method ?? (body === undefined ? 'GET' : 'POST'), body: body ?? null }
}
