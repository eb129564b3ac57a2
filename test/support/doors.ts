/**
 * The doors: which room may import what. Reads every import of the product and names each stray.
 *
 * Run by itself it checks this checkout (`npm run check`); the test plants strays and sees them named.
 */
import { readFileSync, globSync } from 'node:fs'
import { posix, join } from 'node:path'
import { parseSync } from 'oxc-parser'

interface Door {
  /** A file, or a folder with its end slash. The first door whose room fits a file counts. */
  room: string
  /** Files, folders with their end slash, and packages that may be imported. */
  may: string[]
  /** What may be imported for its types alone. */
  types?: string[]
}

const WORDS = ['relay/wire.ts', 'relay/lead.ts', 'relay/forms.ts']
const INSIDE_RELAY = [
  'relay/intake/',
  'relay/guard/',
  'relay/marketo/',
  'relay/outbox/',
  ...[
    'answer',
    'app',
    'config',
    'deliver',
    'desk',
    'forms',
    'id',
    'judge',
    'lead',
    'leads',
    'log',
    'merge',
    'operator',
    'trouble',
    'within-limits',
    'verdict',
    'wire',
  ].map((file) => `relay/${file}.ts`),
]

const DOORS: Door[] = [
  { room: 'widget/', may: ['widget/', 'lit'], types: ['relay/wire.ts'] },

  { room: 'relay/wire.ts', may: [] },
  { room: 'relay/lead.ts', may: [] },
  { room: 'relay/id.ts', may: [] },
  { room: 'relay/log.ts', may: [] },
  { room: 'relay/verdict.ts', may: [], types: ['relay/lead.ts'] },
  { room: 'relay/forms.ts', may: [], types: ['relay/lead.ts'] },
  { room: 'relay/config.ts', may: ['relay/forms.ts', 'relay/outbox/limits.ts'] },
  { room: 'relay/merge.ts', may: [], types: ['relay/lead.ts'] },
  { room: 'relay/answer.ts', may: [], types: ['relay/wire.ts'] },
  { room: 'relay/intake/', may: ['relay/intake/'], types: WORDS },
  { room: 'relay/guard/', may: ['relay/guard/', 'hono'], types: WORDS },
  { room: 'relay/outbox/', may: ['relay/outbox/'], types: ['relay/lead.ts', 'relay/wire.ts'] },
  { room: 'relay/marketo/index.ts', may: ['relay/marketo/soap/'] },
  {
    room: 'relay/marketo/soap/',
    may: ['relay/marketo/soap/', 'fast-xml-parser'],
    types: ['relay/lead.ts', 'relay/wire.ts', 'relay/verdict.ts'],
  },
  { room: 'relay/marketo/', may: ['relay/marketo/'] },
  { room: 'relay/platform/node-postgres', may: ['relay/outbox/', 'relay/platform/node-postgres', 'pg'] },
  { room: 'relay/platform/node', may: [...INSIDE_RELAY, 'relay/platform/node', 'node:', '@hono/node-server'] },
  { room: 'relay/platform/cloudflare-xml-parser.ts', may: ['node_modules/fast-xml-parser/src/'] },
  {
    room: 'relay/platform/',
    may: [...INSIDE_RELAY, 'relay/platform/cloudflare', 'relay/platform/durable-object', 'cloudflare:', 'forms.json'],
  },
  {
    room: 'relay/cli/',
    may: [...INSIDE_RELAY, 'relay/cli/', 'relay/platform/node', 'demo/marketo/command.ts', 'node:'],
  },
  { room: 'relay/', may: [...INSIDE_RELAY, 'hono'] },

  { room: 'demo/marketo/journeys/', may: ['demo/marketo/journeys/', 'lit'], types: ['demo/marketo/view.ts'] },
  { room: 'demo/marketo/', may: ['demo/marketo/', 'hono', '@hono/node-server', 'fast-xml-parser', 'node:'] },
  { room: 'demo/site/', may: ['demo/site/', 'hono', '@hono/node-server', 'node:'] },
  {
    room: 'demo/',
    may: [
      'demo/forms.ts',
      'demo/edge.ts',
      'demo/site/serve.ts',
      'demo/marketo/serve.ts',
      'relay/index.ts',
      'relay/platform/node.ts',
      'vite',
      'wrangler',
      'node:',
    ],
  },
]

interface Import {
  specifier: string
  typeOnly: boolean
  line: number
}

/** Every import of the files that goes through no door, as `file:line: imports x, which …`. */
export function findStrays(files: Record<string, string>): string[] {
  return Object.entries(files).flatMap(([file, source]) => {
    const door = DOORS.find(({ room }) => file.startsWith(room))
    if (!door) return [`${file}: stands in no room of the map`]
    return readImports(file, source)
      .filter((found) => !passes(door, resolve(file, found.specifier), found.typeOnly))
      .map(({ specifier, typeOnly, line }) => {
        const target = resolve(file, specifier)
        const forTypes = door.types?.some((type) => covers(type, target)) && !typeOnly
        return `${file}:${line}: imports ${target}, which ${forTypes ? 'it may import for its types alone' : `${door.room} may not`}`
      })
  })
}

function passes(door: Door, target: string, typeOnly: boolean): boolean {
  return [...door.may, ...(typeOnly ? (door.types ?? []) : [])].some((allowed) => covers(allowed, target))
}

function covers(allowed: string, target: string): boolean {
  if (allowed.endsWith('/') || allowed.endsWith(':')) return target.startsWith(allowed)
  const prefix = allowed.startsWith('relay/platform/') && !allowed.endsWith('.ts')
  return target === allowed || target.startsWith(`${allowed}/`) || (prefix && target.startsWith(allowed))
}

function resolve(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file), specifier)) : specifier
}

function readImports(file: string, source: string): Import[] {
  const { module, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const at = (offset: number) => source.slice(0, offset).split('\n').length
  const fixed = [
    ...module.staticImports.map((found) => ({
      specifier: found.moduleRequest.value,
      typeOnly: found.entries.length > 0 && found.entries.every((entry) => entry.isType),
      line: at(found.start),
    })),
    ...module.staticExports.flatMap((found) =>
      found.entries
        .filter((entry) => entry.moduleRequest)
        .map((entry) => ({
          specifier: entry.moduleRequest?.value ?? '',
          typeOnly: entry.isType,
          line: at(found.start),
        })),
    ),
  ]
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    specifier: source.slice(start, end).replace(/^['"`]|['"`]$/g, ''),
    typeOnly: false,
    line: at(start),
  }))
  return [...fixed, ...dynamic]
}

/** The product's sources, by path. */
export function readSources(root: string): Record<string, string> {
  const paths = globSync('{widget,relay,demo}/**/*.ts', { cwd: root })
  return Object.fromEntries(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]))
}

if (import.meta.main) {
  const strays = findStrays(readSources(join(import.meta.dirname, '../..')))
  for (const stray of strays) console.error(stray)
  console.log(strays.length === 0 ? 'doors: no stray import' : `doors: ${strays.length} stray imports`)
  process.exitCode = strays.length === 0 ? 0 : 1
}
