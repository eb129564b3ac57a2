import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import { COMPILE_CACHE } from '../../support/compile-cache.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'form-sync-examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

const page = readFileSync(join(root, 'docs/marketo.md'), 'utf8')
type Example = readonly [heading: string, code: string]

/** Examples with their headings. The first creates the client that the others use. */
const [[, setUp], ...examples] = page
  .split(/^## /m)
  .flatMap((section) =>
    [...section.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => [section.split('\n')[0] ?? '', code] as const),
  ) as [Example, ...Example[]]

describe('the examples of docs/marketo.md', () => {
  it('cover every operation', () => {
    const operations =
      'syncLead syncMultipleLeads getLead describeMObject listMObjects requestCampaign listOperation Over_REST'

    expect(examples.map(([heading]) => heading)).toEqual(
      expect.arrayContaining(operations.split(' ').map((name) => name.replace('_', ' '))),
    )
  })

  it.each(examples)('print what their comments say: %s', async (_heading, code) => {
    const simulator = await serveSimulator({ port: 0 })
    const file = join(folder, `example-${examples.findIndex((example) => example[1] === code)}.ts`)
    const entry = pathToFileURL(join(root, 'relay/marketo/index.ts')).href
    writeFileSync(file, `${setUp}${code}`.replaceAll(`'form-sync/marketo'`, `'${entry}'`))

    const env = {
      ...COMPILE_CACHE,
      MARKETO_SOAP_ENDPOINT: `${simulator.url}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
      MARKETO_REST_ENDPOINT: `${simulator.url}/rest`,
      MARKETO_CLIENT_ID: DEMO_ACCOUNT.clientId,
      MARKETO_CLIENT_SECRET: DEMO_ACCOUNT.clientSecret,
    }
    let printed
    try {
      printed = await run(process.execPath, [file], { env })
    } finally {
      await simulator.close()
    }

    const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line = '']) => line)
    expect(expected.length).toBeGreaterThan(0)
    expect(printed.stdout.trimEnd().split('\n')).toEqual(expected)
  })
})
