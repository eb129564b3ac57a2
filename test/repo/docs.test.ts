/** The docs are part of the product: their examples are run here, as they are printed. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { Ajv } from 'ajv'
import type { Page } from 'playwright'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import { createSimulator } from '../../demo/simulator/index.ts'
import {
  ConfigError,
  createApiKeys,
  createApp,
  createMarketo,
  createSqliteOutbox,
  readConfig,
  type Outbox,
} from '../../relay/index.ts'
import { OUTBOX_OPTIONS } from '../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'
import { createMemoryOutbox } from '../oracle/memory-outbox.ts'
import { readWidget } from '../../relay/runtime/node/widget-files.ts'
import { startBrowser } from '../support/browser.ts'
import { run } from '../support/command.ts'
import { makeFolder } from '../support/folder.ts'
import { callSlotOf, NOW, relayUnderTest } from '../support/relay.ts'
import { AS_OPERATOR } from '../support/operator.ts'
import { lead } from '../suites/outbox/leads.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** Returns the fenced blocks of a page in one language. */
function blocks(path: string, language: string): string[] {
  return [...read(path).matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)]
    .filter(([, , name]) => name === language)
    .map(([, , , text = '']) => text)
}

const ENV = {
  MARKETO_SOAP_ENDPOINT: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}

const REST_ENV = {
  MARKETO_REST_ENDPOINT: 'https://123-ABC-456.mktorest.com/rest',
  MARKETO_CLIENT_ID: 'client',
  MARKETO_CLIENT_SECRET: 'correct horse battery',
}

/** Opens a page of Acme's with these lines in it, beside a relay. Both exist in the browser alone. */
async function openAtAcme(lines: string): Promise<{ page: Page; outbox: Outbox }> {
  const outbox = createMemoryOutbox()
  const app = createApp({
    config: readConfig(ENV, read('forms.json')),
    outbox,
    wake: () => {},
    now: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log: () => {},
    widget: readWidget(join(ROOT, 'dist/widget')),
  })
  const browser = await startBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.route('https://www.acme.example/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Acme</title>${lines}` }),
  )
  await page.route('https://forms.acme.example/**', async (route) => {
    const request = route.request()
    const body = request.postDataBuffer()
    const response = await app.request(request.url(), {
      method: request.method(),
      headers: await request.allHeaders(),
      ...(body && { body: new Uint8Array(body) }),
    })
    const headers = Object.fromEntries(response.headers)
    // The browser does not decompress a body that is fulfilled by a test.
    if (response.headers.get('content-encoding') === 'br') delete headers['content-encoding']
    const bytes = Buffer.from(await response.arrayBuffer())
    const plain = response.headers.get('content-encoding') === 'br' ? brotliDecompressSync(bytes) : bytes
    await route.fulfill({ status: response.status, headers, body: plain })
  })
  await page.goto('https://www.acme.example/contact')
  return { page, outbox }
}

async function send(page: Page, lastName = 'Ruiz'): Promise<void> {
  await page.getByLabel('E-mail').fill('ana@acme.example')
  await page.getByLabel('Last name').fill(lastName)
  await page.getByRole('button', { name: 'Send request' }).click()
}

async function takeLead(outbox: Outbox) {
  const [batch] = await outbox.claim(Date.now(), Date.now() + 1, 1)
  return batch?.jobs[0]?.lead
}

/** A digest as a survey prints it. */
const DIGEST = /(?<![\w-])[\w-]{22}(?= |$)/gm

/** Creates a folder of a relay with 2,000 leads of one network, 30 of another and 20 of a third. */
async function floodedFolder(): Promise<string> {
  const folder = makeFolder()
  const sql = openSqlite(join(folder, 'outbox.sqlite'))
  const outbox = await createSqliteOutbox(sql, OUTBOX_OPTIONS)
  const leads = [2_000, 30, 20].flatMap((count, network) =>
    Array.from({ length: count }, (_, at) => lead(`${network}-${at}`, { network: `192.0.2.${network}` })),
  )
  await outbox.add(leads, NOW)
  sql.close()
  return folder
}

// Some of them start a browser, while other tests run.
describe('the docs', { timeout: 30_000 }, () => {
  it.each(globSync('{README,CHANGELOG,SECURITY,docs/*}.md', { cwd: ROOT }))(
    '%s has no broken link to a file',
    (path) => {
      const links = [...read(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)

      const missing = links.filter(
        (link) => !/^(https?:|#)/.test(link) && !existsSync(join(ROOT, dirname(path), link.split('#')[0] ?? '')),
      )

      expect(missing).toEqual([])
    },
  )

  it('README.md: the pasted lines and the forms file turn a form into a lead', async () => {
    const [pasted = ''] = blocks('README.md', 'html')
    const { page, outbox } = await openAtAcme(pasted)

    await send(page)
    await page.waitForURL('https://www.acme.example/thanks')

    expect(await takeLead(outbox)).toMatchObject({
      form: 'contact',
      email: 'ana@acme.example',
      attributes: [
        { name: 'LastName', value: 'Ruiz' },
        { name: 'LeadSource', value: 'Web' },
      ],
    })
  })

  it('SECURITY.md: each threat names tests that exist', () => {
    const tests = [...read('SECURITY.md').matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path!)

    expect(tests.length).toBeGreaterThan(10)
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('docs/widget.md: the examples of form, events, styles and pinned script work as described', async () => {
    const examples = blocks('docs/widget.md', 'html')
    const [form = ''] = examples
    const [events = '', pinned = ''] = ['form-sync-sending', 'integrity='].map((text) =>
      examples.find((example) => example.includes(text)),
    )
    const [css = ''] = blocks('docs/widget.md', 'css')
    const { script, integrity } = JSON.parse(read('dist/widget/form-sync.json')) as Record<
      'script' | 'integrity',
      string
    >
    const line = pinned.replace(/form-sync\.[0-9a-f]{8}\.js/, script.slice(1)).replace('sha384-…', integrity)
    const { page, outbox } = await openAtAcme(form.replace(/^<script.*\n/, line) + events + `<style>${css}</style>`)

    await send(page, '  Ruiz  ')
    await page.getByText('We write to you tomorrow.').waitFor()

    expect(await takeLead(outbox)).toMatchObject({ attributes: [{ name: 'LastName', value: 'Ruiz' }, {}] })
    expect(await page.evaluate('window.dataLayer')).toEqual([{ event: 'generate_lead', form_id: 'contact' }])
    expect(await page.locator('form-sync').evaluate((element) => getComputedStyle(element).fontFamily)).toContain(
      'Georgia',
    )
    expect(await page.getByLabel('E-mail').isVisible()).toBe(false)
  })

  it('docs/widget.md: the page describes every attribute, slot, part, event and message', () => {
    const page = read('docs/widget.md')
    const source = globSync('widget/**/*.ts', { cwd: ROOT }).map(read).join('\n')

    const names = [
      ...source.matchAll(/@(?:slot|fires|attr|csspart|cssprop) ([\w-]{2,})/g),
      ...read('widget/locales/en.ts').matchAll(/^ {2}(\w+): '/gm),
    ].map(([, name = '']) => name)

    expect(names.length).toBeGreaterThan(15)
    expect(names.filter((name) => !page.includes(name))).toEqual([])
  })

  it('docs/deploy.md: the example of a forms file passes the JSON schema and the relay', () => {
    const [forms = ''] = blocks('docs/deploy.md', 'json')
    const validate = new Ajv({ strict: true }).compile(JSON.parse(read('relay/config/forms.schema.json')) as object)

    expect(validate(JSON.parse(forms))).toBe(true)
    expect(readConfig(REST_ENV, forms).forms.get('contact')?.partition).toBe('Europe')
  })

  it('docs/deploy.md: a wrong configuration is reported as shown', () => {
    const shown = blocks('docs/deploy.md', 'text').find((block) => block.startsWith('The relay cannot start')) ?? ''
    const { MARKETO_CLIENT_SECRET: _, ...env } = REST_ENV
    const forms = {
      forms: {
        contact: {
          origins: ['https://www.acme.example/contact'],
          fields: { Email: { type: 'email', required: true } },
        },
      },
    }

    const start = () => readConfig(env, forms)

    expect(start).toThrow(ConfigError)
    expect(start).toThrow(shown.trim())
  })

  it('docs/deploy.md: the page lists every variable that the relay reads, and no other', () => {
    const listed = [...read('docs/deploy.md').matchAll(/^\| (`[A-Z0-9_`, ]+`) \|/gm)]
      .flatMap(([, names = '']) => names.match(/[A-Z0-9_]{4,}/g) ?? [])
      .toSorted()
    const sources = globSync('relay/{config/*.ts,cli/*.ts,runtime/**/*.ts}', { cwd: ROOT }).map(read).join('\n')
    const used = [...sources.matchAll(/env\.([A-Z0-9_]+)|'((?:MARKETO_|FORM_SYNC_)[A-Z0-9_]+)'/g)].map(
      ([, property, name]) => property ?? name ?? '',
    )

    const bindings = new Set(['OUTBOX', 'RATE_LIMITER'])
    expect(listed).toEqual([...new Set(used)].filter((name) => !bindings.has(name)).toSorted())
  })

  it('docs/deploy.md: the call of a server gets the response shown', async () => {
    const command =
      blocks('docs/deploy.md', 'sh').find((block) => block.startsWith('curl') && block.includes('-d')) ?? ''
    const shown = blocks('docs/deploy.md', 'json').find((block) => block.includes('leadId')) ?? ''
    const headers = [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name = '', value = '']) => [name, value])
    const simulator = createSimulator({ now: () => NOW, account: DEMO_ACCOUNT })
    const marketo = createMarketo({
      clientId: DEMO_ACCOUNT.clientId,
      clientSecret: DEMO_ACCOUNT.clientSecret,
      endpoint: REST_ENV.MARKETO_REST_ENDPOINT,
      fetch: async (url, init) => simulator.app.request(url, init),
      now: () => NOW,
    })
    const outbox = createMemoryOutbox()
    const servers = { keys: createApiKeys(['a-key-of-twenty-characters']), marketo, callSlot: callSlotOf(outbox) }
    const { app } = relayUnderTest({ outbox, servers })

    const response = await app.request(/https:\S+/.exec(command)?.[0] ?? '', {
      method: 'POST',
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: /-d '([^']+)'/.exec(command)?.[1] ?? '',
    })

    expect(await response.json()).toEqual(JSON.parse(shown))
  })

  it('docs/deploy.md: the commands after a flood print what is shown', async () => {
    const [section = ''] = (read('docs/deploy.md').split('### After a flood\n')[1] ?? '').split('\n### ')
    const shown = [...section.matchAll(/```sh\nnpx form-sync (.*)\n```|```text\n([^`]*)```/g)]
    const folder = await floodedFolder()
    const { stdout: survey } = run(['waiting', '--by', 'source', '--data', folder])
    // The digests of this folder, in place of those of the page, in order.
    const own = survey.match(DIGEST) ?? []
    const names = [...new Set(section.match(DIGEST))].slice(0, own.length)
    const ofFolder = (text: string) =>
      names
        .reduce((changed, name, at) => changed.replaceAll(name, own[at]!), text)
        .replaceAll('/var/lib/form-sync', folder)

    const printed = shown.flatMap(([, command]) =>
      command === undefined
        ? []
        : run((ofFolder(command).match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''))).stdout,
    )

    expect(printed).toHaveLength(3)
    expect(printed).toEqual(shown.flatMap(([, , output]) => (output === undefined ? [] : ofFolder(output))))
  })

  it('docs/deploy.md: /readyz answers as shown', async () => {
    const shown = JSON.parse(blocks('docs/deploy.md', 'json').find((block) => block.includes('ready')) ?? '') as object
    const { app } = relayUnderTest()

    const response = await app.request('/readyz', AS_OPERATOR)

    expect(await response.json()).toEqual({ ...shown, delivered: 0 })
  })
})
