/** The documents about the code name what exists, and the table of modules agrees with the rules that are enforced. */
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, matchesGlob, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findViolations, readSources } from '../support/boundaries.ts'

const ROOT = join(import.meta.dirname, '../..')
const DECISIONS = globSync('docs/decisions/[0-9]*.md', { cwd: ROOT }).toSorted()
const PAGES = ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/glossary.md', 'docs/decisions/README.md', ...DECISIONS]

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const { scripts, exports, dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
  'scripts' | 'exports' | 'dependencies' | 'devDependencies',
  Record<string, unknown>
>

/** Returns the inline code of a page. */
function codeOf(page: string): string[] {
  return [...page.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

function isPath(code: string): boolean {
  if (!/^\.?[\w*-][\w.*-]*(\/[\w.*-]+)*\/?$/.test(code)) return false
  return code.includes('/') || /\.(ts|md|json|jsonc)$/.test(code)
}

/** Returns true for an existing file, a folder with its trailing slash, a pattern that fits a file, or a package entry. */
function exists(path: string): boolean {
  if (path.startsWith('form-sync/')) return Object.hasOwn(exports, path.replace('form-sync', '.'))
  // Written by `npm run build`.
  if (path === 'dist/') return true
  if (path.includes('*')) return globSync(path, { cwd: ROOT }).length > 0
  const found = statSync(join(ROOT, path), { throwIfNoEntry: false })
  return found !== undefined && found.isDirectory() === path.endsWith('/')
}

/** Returns the anchors of a page: its headings as GitHub writes them. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

interface Module {
  /** Folder with its trailing slash, file, or pattern of files. */
  name: string
  may: string[]
  types: string[]
}

/** Reads the table of modules. */
function readModules(): Module[] {
  const rows = read('docs/architecture.md').matchAll(/^\| `([^`]+)` \|[^|]*\|([^|]*)\|([^|]*)\|$/gm)
  const modules = [...rows].map(([, name = '', may = '', types = '']) => ({ name, may, types }))
  const core = modules.map(({ name }) => name).filter((name) => /^relay\/(?!index\.ts|runtime\/|cli\/)/.test(name))
  return modules.map(({ name, may, types }) => ({
    name,
    may: [...codeOf(may), ...(may.includes('the core') ? core : [])],
    types: codeOf(types),
  }))
}

const MODULES = readModules()

function owns({ name }: Module, file: string): boolean {
  if (name.endsWith('/')) return file.startsWith(name)
  return name.includes('*') ? matchesGlob(file, name) : file === name
}

function covers(allowed: string, target: string): boolean {
  return /[/:]$/.test(allowed) ? target.startsWith(allowed) : target === allowed || target.startsWith(`${allowed}/`)
}

/** Returns the path of an imaginary file of a module. */
function plantedFile({ name }: Module): string {
  return name.endsWith('/') ? `${name}planted.ts` : name.replace('*', 'planted')
}

const SOURCES = Object.keys(readSources(ROOT))
const PACKAGES = [...Object.keys(dependencies), ...Object.keys(devDependencies), 'node:fs', 'cloudflare:workers']
const OTHER_FILES = ['forms.json', 'package.json', 'test/oracle/memory-outbox.ts']

/** Returns which of the targets a file of the module may import by `boundaries.ts`. */
function importable(module: Module, targets: string[], keyword: 'import' | 'import type'): string[] {
  const file = plantedFile(module)
  const specifier = (target: string) =>
    PACKAGES.includes(target) ? target : `./${posix.relative(posix.dirname(file), target)}`
  const lines = targets.map((target, at) => `${keyword} { x${at} } from '${specifier(target)}'`)
  const violations = findViolations({ [file]: lines.join('\n') })
  const refused = new Set(violations.map((violation) => Number(violation.split(':')[1])))
  return targets.filter((_, at) => !refused.has(at + 1))
}

describe('the documents about the code', () => {
  it.each(PAGES)('%s names only files, folders and package entries that exist', (page) => {
    const missing = codeOf(read(page)).filter((code) => isPath(code) && !exists(code))

    expect(missing).toEqual([])
  })

  it.each(PAGES)('%s names only symbols that are in the files that it gives', (page) => {
    const named = [...read(page).matchAll(/`(\w+)`\s+in\s+`([\w./-]+\.ts)`/g)].filter(([, , file = '']) => exists(file))

    const missing = named.filter(([, name = '', file = '']) => !new RegExp(`\\b${name}\\b`).test(read(file)))

    expect(missing.map(([text]) => text)).toEqual([])
  })

  it.each([...PAGES, 'docs/storage.md'])('%s has no broken link', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)

    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : posix.join(dirname(page), path)
      if (/^https?:/.test(link)) return false
      return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(read(target)).includes(anchor))
    })

    expect(broken).toEqual([])
  })

  it.each(PAGES)('%s names only commands that package.json has', (page) => {
    const commands = [...read(page).matchAll(/npm (?:run ([\w:-]+)|(test|start)\b)/g)].map(([, run, own]) => run ?? own)

    expect(commands.filter((command = '') => !Object.hasOwn(scripts, command))).toEqual([])
  })

  it('CONTRIBUTING.md describes every command of package.json', () => {
    const page = read('CONTRIBUTING.md')

    const missing = Object.keys(scripts).filter((name) => !new RegExp(`^\\| \`npm (run )?${name}[\` ]`, 'm').test(page))

    expect(missing).toEqual([])
  })

  it('the drawing names only folders that exist', () => {
    const names = read('docs/pictures/architecture.svg').match(/\b(?:widget|relay|demo)\/[\w/-]*/g) ?? []

    expect(names.length).toBeGreaterThan(8)
    expect(names.filter((name) => !exists(name))).toEqual([])
  })

  it('docs/glossary.md defines each term once', () => {
    const terms = [...read('docs/glossary.md').matchAll(/^\| (?!term|-)([^|]+) \|/gm)].map(([, term = '']) => term)

    expect(terms.length).toBeGreaterThan(30)
    expect(terms).toEqual([...new Set(terms)])
  })

  it('docs/decisions/ has numbered pages of one form, and an index of all of them', () => {
    const index = [...read('docs/decisions/README.md').matchAll(/^\| \[(\d{4})\]\(([^)]+)\) \| (.+) \|$/gm)]
    const pages = DECISIONS.map((path) => ({ path, text: read(path) }))

    expect(index.map(([, number, file]) => [number, file])).toEqual(
      DECISIONS.map((path, at) => [String(at + 1).padStart(4, '0'), path.split('/').at(-1)]),
    )
    expect(pages.map(({ text }) => text.split('\n')[0])).toEqual(
      index.map(([, number = '', , title = '']) => `# ${Number(number)}. ${title}`),
    )
    for (const { text } of pages) {
      expect(text.match(/^## .*$/gm)).toEqual(['## Context', '## Decision', '## Consequences'])
    }
  })
})

describe('the table of modules in docs/architecture.md', () => {
  it('has a row for every folder of the relay', () => {
    const folders = readdirSync(join(ROOT, 'relay'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `relay/${name}/`)

    const missing = folders.filter((folder) => !MODULES.some(({ name }) => name.startsWith(folder)))

    expect(folders.length).toBeGreaterThan(10)
    expect(missing).toEqual([])
  })

  it('has a row for every source file of the product', () => {
    expect(SOURCES.filter((file) => !MODULES.some((module) => owns(module, file)))).toEqual([])
  })

  it.each(MODULES.map((module) => [module.name, module] as const))('lists exactly what %s may import', (_, module) => {
    const targets = [...SOURCES, ...PACKAGES, ...OTHER_FILES].filter((target) => !owns(module, target))
    const documented = (allowed: string[]) => targets.filter((target) => allowed.some((each) => covers(each, target)))

    const imports = importable(module, targets, 'import')
    const typeImports = importable(module, targets, 'import type')

    expect(imports).toEqual(documented(module.may))
    expect(typeImports).toEqual(documented([...module.may, ...module.types]))
  })
})

describe('the core, as docs/architecture.md defines it', () => {
  const names = MODULES.map(({ name }) => name).filter((name) => /^relay\/(?!runtime\/|cli\/)/.test(name))

  it.each(names.filter((name) => name !== 'relay/marketo/index.ts'))(
    'may read neither clock, randomness, network nor environment in %s',
    (name) => {
      const uses = ['Date.now()', 'new Date()', 'Math.random()', 'crypto.randomUUID()', 'fetch', 'process.env']
      const file = name.endsWith('/') ? `${name}planted.ts` : name

      const violations = findViolations({ [file]: uses.map((use) => `void ${use}`).join('\n') })

      expect(violations).toHaveLength(uses.length)
    },
  )
})
