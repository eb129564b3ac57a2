/** The files from which a deployment starts. No container runs here: their commands, variables and paths are compared. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { unknownVariables } from '../../relay/config/unknown-variables.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const { bin, scripts } = JSON.parse(read('package.json')) as Record<'bin' | 'scripts', Record<string, string>>
/** The command of the package, as node runs it in the folder where it is installed. */
const COMMAND = `node_modules/form-sync/${bin['form-sync']}`

const FILES = ['Dockerfile', 'compose.yaml', '.env.example', '.dev.vars.example', 'docs/examples/form-sync.service']
const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: ROOT })

it.each(FILES)('%s sets no variable that docs/deploy.md does not have', (path) => {
  const documented = read('docs/deploy.md')
  const names = read(path).match(/(?<![\w$])(?:FORM_SYNC|MARKETO|MUNCHKIN)_[A-Z_]+(?=[=:])/g) ?? []

  expect(names.length).toBeGreaterThan(0)
  expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([])
})

/** The variable of the database in compose.yaml, which the relay does not read. */
const DATABASE_PASSWORD = 'POSTGRES_PASSWORD'
/** Variables that Cloudflare asks for when its button deploys the Worker. */
const ASKED = [
  ...(read('.dev.vars.example').match(/^[A-Z_]+(?==)/gm) ?? []),
  ...(read('wrangler.jsonc').match(/(?<=^ {4}")[A-Z_]+(?=": ")/gm) ?? []),
].toSorted()
const { cloudflare } = JSON.parse(read('package.json')) as { cloudflare: { bindings: Record<string, Described> } }

interface Described {
  description: string
}

it('package.json describes the variables that the button of Cloudflare asks for, and no other', () => {
  expect(ASKED).toContain('MARKETO_CLIENT_SECRET')
  expect(ASKED).toContain('MUNCHKIN_ID')
  expect(Object.keys(cloudflare.bindings).toSorted()).toEqual(ASKED)
  expect(Object.values(cloudflare.bindings).filter(({ description }) => !/^[A-Z].*\.$/.test(description))).toEqual([])
})

it.each(['.env.example', '.dev.vars.example', 'package.json', 'wrangler.jsonc'])(
  '%s has no variable that the relay does not know',
  (path) => {
    const names = (read(path).match(/(?<=^|")[A-Z]+_[A-Z_]+(?=[=:"])/gm) ?? []).filter(
      (name) => name !== DATABASE_PASSWORD,
    )

    const unknown = unknownVariables(Object.fromEntries(names.map((name) => [name, 'x'])), ['default'])

    expect(names.length).toBeGreaterThan(1)
    expect(unknown).toEqual([])
    expect(names.filter((name) => !read('docs/deploy.md').includes(`\`${name}\``))).toEqual([])
  },
)

it('the image runs node as its first process, as another user than root, with a check of its health', () => {
  const stage =
    read('Dockerfile')
      .split(/^FROM /m)
      .at(-1) ?? ''

  expect(stage).toMatch(/^USER node$/m)
  expect(stage).toContain(`\nCMD ["node", "${COMMAND}", "serve"]\n`)
  expect(stage).toMatch(/^HEALTHCHECK .*\\\n {2}CMD \["node", "-e", ".*\/readyz/m)
  expect(stage.indexOf('USER node')).toBeLessThan(stage.indexOf('\nCMD '))
})

it('the unit of systemd starts the command of the package without npm', () => {
  const unit = read('docs/examples/form-sync.service')

  expect(unit).toContain(`ExecStart=/usr/bin/node /opt/form-sync/${COMMAND} serve\n`)
  expect(unit).not.toMatch(/\bnp[mx] /)
})

it('the files with secrets are not in the context of the image, and not in git', () => {
  for (const list of ['.dockerignore', '.gitignore']) expect(read(list).split('\n')).toContain('.env')
  expect(read('.gitignore').split('\n')).toContain('.dev.vars')
})

it.each([...WORKFLOWS, 'Dockerfile'])('%s runs only commands that package.json has', (path) => {
  const commands = [...read(path).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => name)

  expect(commands.length).toBeGreaterThan(0)
  expect(commands.filter((name) => scripts[name] === undefined)).toEqual([])
})

it('the workflows name no token, and only what publishes may ask for an identity', () => {
  const withIdentity = WORKFLOWS.filter((path) => read(path).includes('id-token: write'))

  expect(WORKFLOWS.length).toBeGreaterThan(1)
  expect(WORKFLOWS.filter((path) => /secrets\./.test(read(path)))).toEqual([])
  expect(withIdentity).toEqual([join('.github/workflows', 'release.yml')])
  expect(existsSync(join(ROOT, 'docs/examples/Caddyfile'))).toBe(true)
})
