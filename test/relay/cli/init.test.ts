import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, it, vi } from 'vitest'
import { addEnvFile } from '../../../relay/cli/env-file.ts'
import { completeStarter, initCommand } from '../../../relay/cli/init.ts'
import { readConfig } from '../../../relay/config/config.ts'
import { makeFolder } from '../../support/folder.ts'

/** Runs the command in this process, where there is no terminal. */
async function init(folder: string, words: string[] = [], env = {}) {
  const lines: unknown[] = []
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void lines.push(line)),
  )
  try {
    return { code: await initCommand(['--folder', folder, ...words], env), printed: lines.join('\n') }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')

const PRODUCTION = ['--endpoint', 'https://987-ZYX-654.mktorest.com/rest', '--client-id', 'client-1']

it('init writes forms, variables and a page that fit the relay and its simulator', async () => {
  const folder = join(makeFolder(), 'new')

  const { code, printed } = await init(folder)

  expect([code, printed]).toEqual([0, 'Wrote forms.json, contact.html, .env.\nNext: npx form-sync serve'])
  const config = readConfig(parseEnv(read(folder, '.env')), read(folder, 'forms.json'))
  expect(config.marketo).toMatchObject({ endpoint: 'http://localhost:8090', clientSecret: 'demo-client-secret' })
  expect(config.forms.get('contact')?.origins).toEqual(new Set(['http://localhost:8080']))
  expect(read(folder, 'contact.html')).toContain('action="http://localhost:8787/f/contact"')
  expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0)
})

it('init takes the settings of its options, and says which secret is missing', async () => {
  const folder = makeFolder()

  const { code, printed } = await init(folder, [
    ...PRODUCTION,
    '--origin',
    'https://www.acme.example',
    '--relay',
    'https://forms.acme.example/',
  ])

  expect([code, printed]).toEqual([0, expect.stringContaining('Add MARKETO_CLIENT_SECRET to .env.')])
  expect(parseEnv(read(folder, '.env'))).toEqual({
    MARKETO_REST_ENDPOINT: 'https://987-ZYX-654.mktorest.com/rest',
    MARKETO_CLIENT_ID: 'client-1',
    MARKETO_CLIENT_SECRET: '',
    MUNCHKIN_ID: '987-ZYX-654',
  })
  expect(read(folder, 'contact.html')).toContain('src="https://forms.acme.example/form-sync.js"')
})

it('init with --cloudflare writes a Worker, and the secret of the environment into .dev.vars alone', async () => {
  const folder = makeFolder()

  const { code } = await init(folder, [...PRODUCTION, '--cloudflare'], { MARKETO_CLIENT_SECRET: "it's secret" })
  const fit = await init(folder, [...PRODUCTION, '--cloudflare'], { MARKETO_CLIENT_SECRET: 'a secret #1' })

  expect(code).toBe(2)
  expect(fit.code).toBe(0)
  expect(parseEnv(read(folder, '.dev.vars'))).toEqual({ MARKETO_CLIENT_SECRET: 'a secret #1' })
  expect(read(folder, 'wrangler.jsonc')).not.toContain('a secret')
  expect(existsSync(join(folder, '.env'))).toBe(false)
})

it('init overwrites no file, and writes none beside it', async () => {
  const folder = makeFolder()
  writeFileSync(join(folder, 'forms.json'), 'mine')

  const { code, printed } = await init(folder)

  expect([code, printed]).toEqual([1, 'form-sync init: forms.json would be overwritten; nothing was written'])
  expect(read(folder, 'forms.json')).toBe('mine')
  expect(existsSync(join(folder, '.env'))).toBe(false)
})

it.each([
  [['--origin', 'www.acme.example/contact'], 'forms.contact.origins: "www.acme.example/contact" is not an origin'],
  [['--relay', 'forms.acme.example'], 'relay: "forms.acme.example" is not a URL'],
  [['--endpoint', 'ftp://x', '--client-id', 'c'], 'MARKETO_REST_ENDPOINT: '],
  [[...PRODUCTION.slice(0, 2), '--client-id', 'a"b'], 'clientId: must not have quotes'],
  [['--orign', 'x'], 'unknown option: --orign; did you mean --origin?'],
])('init refuses %j and writes nothing', async (words, message) => {
  const folder = makeFolder()

  const { code, printed } = await init(folder, words)

  expect([code, printed]).toEqual([2, expect.stringContaining(message)])
  expect(existsSync(join(folder, 'forms.json'))).toBe(false)
})

it('init asks only for what no option gives, and never for the secret', async () => {
  const asked: string[] = []
  const answers: Record<string, string> = { 'REST endpoint of Marketo': 'https://987-ZYX-654.mktorest.com/rest' }

  const starter = await completeStarter(
    { origin: 'https://www.acme.example', cloudflare: false, folder: '.', help: false },
    {},
    async (question, preset) => {
      asked.push(question)
      return answers[question] ?? (preset || 'answer')
    },
  )

  expect(asked).toEqual([
    'Address of the relay',
    'REST endpoint of Marketo',
    'Client id of the custom service in Marketo',
  ])
  expect(starter).toMatchObject({ clientId: 'answer', clientSecret: '', munchkinId: '987-ZYX-654' })
})

it('variables of a file are added to those of the environment, which have precedence', () => {
  const file = join(makeFolder(), '.env')
  writeFileSync(file, 'A=1\nB="two words"\n')
  const env = { A: 'own' }

  addEnvFile(file, env)

  expect(env).toEqual({ A: 'own', B: 'two words' })
})

it('a missing file of variables and a folder of its name have no variables', () => {
  const folder = makeFolder()
  const env = {}

  addEnvFile(join(folder, 'none'), env)
  addEnvFile(folder, env)

  expect(env).toEqual({})
})

it('a file of variables that cannot be read is named', () => {
  const file = join(makeFolder(), 'file')
  writeFileSync(file, '')

  expect(() => addEnvFile(join(file, '.env'), {})).toThrow(/^\S+\.env cannot be read: ENOTDIR/)
})
