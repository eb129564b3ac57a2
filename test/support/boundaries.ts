/**
 * The module boundaries: what each module may import, and which globals it may use.
 *
 * Run by itself it checks this checkout (`npm run check`) and names each violation with file and line.
 */
import { readFileSync, globSync } from 'node:fs'
import { posix, join } from 'node:path'
import { CORE_GLOBALS, NODE_GLOBALS, NODE_ONLY, TIMEOUTS, WORKERD_GLOBALS } from './allowed-globals.ts'
import { parse } from './ast.ts'
import { readGlobals, type GlobalUse } from './globals.ts'

interface Boundary {
  /** A file, or a folder with its trailing slash. The first entry that fits a file counts. */
  module: string
  /** Files, folders with their trailing slash, and packages that may be imported. */
  may: string[]
  /** Files that may be imported for their types alone. */
  types?: string[]
  /** Globals that may be used; or those that may not, where every other one may. */
  globals: string[] | { except: string[] }
}

const SHARED_TYPES = ['relay/protocol.ts', 'relay/intake/lead.ts', 'relay/config/forms.ts']
/** The relay without a runtime. Every runtime, the command line and the exported entry may import it. */
const CORE = [
  'account-name.ts',
  'admin/',
  'check/',
  'config/',
  'delivery/',
  'escape-html.ts',
  'guards/',
  'hex.ts',
  'http/',
  'import/',
  'intake/',
  'marketo/',
  'monitoring/',
  'outbox/',
  'protocol.ts',
].map((path) => `relay/${path}`)

/** The files of `relay/marketo/` that both transports import. */
const SHARED_BY_TRANSPORTS = [
  'failure-class.ts',
  'http-failure.ts',
  'names.ts',
  'response-body.ts',
  'when-empty.ts',
  'with-timeout.ts',
].map((file) => `relay/marketo/${file}`)

const BOUNDARIES: Boundary[] = [
  {
    // The part that is loaded for forms with a challenge.
    module: 'widget/challenge/',
    may: ['widget/challenge/', 'altcha-lib'],
    types: ['relay/protocol.ts'],
    globals: { except: NODE_ONLY },
  },
  // It has no code of the widget in it, so that its part of the script is one file.
  { module: 'widget/consent/', may: ['widget/consent/'], types: ['widget/globals.ts'], globals: { except: NODE_ONLY } },
  {
    // What frameworks know of the element: types alone.
    module: 'widget/types/',
    may: ['react', 'svelte', 'vue'],
    types: ['widget/'],
    globals: [],
  },
  { module: 'widget/script/', may: [], globals: { except: NODE_ONLY } },
  {
    module: 'widget/',
    may: ['widget/', '@lit/reactive-element'],
    types: ['relay/protocol.ts'],
    globals: { except: NODE_ONLY },
  },

  { module: 'relay/protocol.ts', may: [], globals: CORE_GLOBALS },
  { module: 'relay/account-name.ts', may: [], globals: CORE_GLOBALS },
  { module: 'relay/escape-html.ts', may: [], globals: CORE_GLOBALS },
  { module: 'relay/hex.ts', may: [], globals: CORE_GLOBALS },
  { module: 'relay/index.ts', may: CORE, globals: CORE_GLOBALS },
  {
    module: 'relay/config/',
    may: [
      'relay/config/',
      'relay/account-name.ts',
      'relay/intake/challenge-fields.ts',
      'relay/intake/consent-parts.ts',
      'relay/outbox/limits/',
      'relay/marketo/endpoint.ts',
      'relay/marketo/names.ts',
    ],
    types: ['relay/intake/lead.ts'],
    globals: CORE_GLOBALS,
  },
  { module: 'relay/intake/', may: ['relay/intake/', 'relay/hex.ts'], types: SHARED_TYPES, globals: CORE_GLOBALS },
  {
    // The only guards that make calls, through a `fetch` that they are given.
    module: 'relay/guards/challenge/',
    may: ['relay/guards/', 'relay/intake/challenge-fields.ts', 'relay/marketo/with-timeout.ts', 'altcha-lib'],
    types: SHARED_TYPES,
    globals: CORE_GLOBALS,
  },
  {
    module: 'relay/guards/',
    may: [
      'relay/guards/',
      'relay/config/rules.ts',
      'relay/hex.ts',
      'relay/intake/listed-origin.ts',
      'relay/monitoring/full.ts',
    ],
    types: [
      ...SHARED_TYPES,
      'relay/intake/submission.ts',
      'relay/monitoring/events.ts',
      'relay/monitoring/findings.ts',
    ],
    globals: CORE_GLOBALS,
  },
  {
    module: 'relay/outbox/',
    // A lead whose id is taken needs another one.
    may: [
      'relay/outbox/',
      'relay/account-name.ts',
      'relay/hex.ts',
      'relay/intake/form-settings.ts',
      'relay/intake/identity.ts',
    ],
    types: ['relay/intake/lead.ts'],
    globals: CORE_GLOBALS,
  },
  {
    // The exception: for programs, the runtime's fetch and clock are the defaults of its options.
    module: 'relay/marketo/index.ts',
    may: ['relay/marketo/soap/', 'relay/marketo/client/', 'relay/marketo/endpoint.ts'],
    globals: [...CORE_GLOBALS, 'globalThis.fetch', 'Date.now'],
  },
  {
    module: 'relay/marketo/client/',
    may: [
      'relay/config/transports.ts',
      'relay/marketo/client/',
      'relay/marketo/rest/',
      'relay/marketo/soap/',
      'relay/marketo/names.ts',
    ],
    globals: CORE_GLOBALS,
  },
  {
    module: 'relay/marketo/soap/',
    may: [
      'relay/marketo/soap/',
      ...SHARED_BY_TRANSPORTS,
      'relay/hex.ts',
      'relay/intake/munchkin-cookie.ts',
      'fast-xml-parser',
    ],
    types: ['relay/intake/lead.ts', 'relay/delivery/transport.ts'],
    globals: CORE_GLOBALS,
  },
  {
    // Never of soap/.
    module: 'relay/marketo/rest/',
    may: ['relay/marketo/rest/', ...SHARED_BY_TRANSPORTS],
    types: ['relay/intake/lead.ts', 'relay/delivery/transport.ts'],
    globals: CORE_GLOBALS,
  },
  {
    // The choice between the two.
    module: 'relay/marketo/transport.ts',
    may: ['relay/config/transports.ts', 'relay/marketo/rest/transport.ts', 'relay/marketo/soap/transport.ts'],
    types: ['relay/config/account.ts', 'relay/delivery/transport.ts', 'relay/outbox/batch-planner.ts'],
    globals: CORE_GLOBALS,
  },
  {
    // What both transports share: neither soap/ nor rest/.
    module: 'relay/marketo/',
    may: [...SHARED_BY_TRANSPORTS, 'relay/marketo/never-connected.ts'],
    types: ['relay/intake/lead.ts', 'relay/delivery/transport.ts'],
    globals: [...CORE_GLOBALS, ...TIMEOUTS],
  },
  {
    module: 'relay/delivery/',
    may: ['relay/delivery/', 'relay/outbox/', 'relay/monitoring/'],
    types: ['relay/intake/lead.ts'],
    globals: CORE_GLOBALS,
  },
  {
    module: 'relay/monitoring/',
    may: ['relay/monitoring/', 'relay/account-name.ts'],
    types: ['relay/outbox/outbox.ts', 'relay/protocol.ts'],
    globals: CORE_GLOBALS,
  },
  {
    module: 'relay/admin/',
    may: [
      'relay/admin/',
      'relay/account-name.ts',
      'relay/intake/address.ts',
      'relay/intake/identity.ts',
      'relay/outbox/',
      'relay/monitoring/',
    ],
    types: ['relay/intake/lead.ts', 'relay/intake/form-settings.ts'],
    globals: CORE_GLOBALS,
  },
  {
    module: 'relay/check/',
    may: [
      'relay/check/',
      'relay/account-name.ts',
      'relay/config/near-name.ts',
      'relay/intake/consent-parts.ts',
      'relay/marketo/',
      'relay/monitoring/',
    ],
    types: ['relay/config/account.ts', 'relay/config/forms.ts'],
    globals: CORE_GLOBALS,
  },
  {
    module: 'relay/import/',
    may: [
      'relay/import/',
      'relay/config/forms.ts',
      'relay/escape-html.ts',
      'relay/marketo/client/',
      'relay/marketo/rest/',
      'relay/marketo/names.ts',
    ],
    types: ['relay/config/account.ts'],
    globals: CORE_GLOBALS,
  },
  { module: 'relay/http/', may: [...CORE, 'hono'], globals: CORE_GLOBALS },
  {
    module: 'relay/runtime/node/postgres',
    may: ['relay/account-name.ts', 'relay/outbox/', 'relay/runtime/node/postgres', 'pg'],
    globals: NODE_GLOBALS,
  },
  {
    module: 'relay/runtime/node/',
    may: [
      ...CORE,
      'relay/runtime/node/',
      'relay/runtime/data-cipher.ts',
      'node:',
      '@fastify/proxy-addr',
      '@hono/node-server',
      'ipaddr.js',
      'rate-limiter-flexible',
      'disposable-email-domains-js',
    ],
    globals: NODE_GLOBALS,
  },
  { module: 'relay/runtime/data-cipher.ts', may: ['relay/outbox/sealing/', 'node:'], globals: CORE_GLOBALS },
  {
    module: 'relay/runtime/cloudflare/',
    may: [
      ...CORE,
      'relay/runtime/data-cipher.ts',
      'relay/runtime/cloudflare/',
      'hono',
      'disposable-email-domains-js',
      'cloudflare:',
      'forms.json',
    ],
    globals: WORKERD_GLOBALS,
  },
  {
    module: 'relay/cli/',
    may: [...CORE, 'relay/cli/', 'relay/runtime/node/', 'demo/simulator/command.ts', 'package.json', 'node:'],
    globals: NODE_GLOBALS,
  },

  {
    module: 'demo/simulator/ui/',
    may: ['demo/simulator/ui/', 'lit', '@tanstack/lit-virtual'],
    types: ['demo/simulator/view.ts'],
    globals: { except: NODE_ONLY },
  },
  {
    module: 'demo/simulator/',
    may: [
      'demo/simulator/',
      'relay/runtime/node/stop-signal.ts',
      'hono',
      '@hono/node-server',
      'fast-xml-parser',
      'jsonc-parser',
      'node:',
    ],
    globals: NODE_GLOBALS,
  },
  { module: 'demo/site/', may: ['demo/site/', 'hono', '@hono/node-server', 'node:'], globals: NODE_GLOBALS },
  {
    module: 'demo/',
    may: [
      'demo/forms.ts',
      'demo/build-worker.ts',
      'demo/edge.ts',
      'demo/site/serve.ts',
      'demo/simulator/serve.ts',
      'relay/index.ts',
      'relay/runtime/node/serve.ts',
      'relay/runtime/node/stop-signal.ts',
      'vite',
      'wrangler',
      'node:',
    ],
    globals: NODE_GLOBALS,
  },
]

interface Import {
  specifier: string
  typeOnly: boolean
  line: number
}

/** Returns every violation in the files, by path and text, as `file:line: imports x, which …`. */
export function findViolations(files: Record<string, string>): string[] {
  return Object.entries(files).flatMap(([file, source]) => {
    const boundary = BOUNDARIES.find(({ module }) => file.startsWith(module))
    if (!boundary) return [`${file}: belongs to no module`]
    return [...wrongImports(boundary, file, source), ...wrongGlobals(boundary, file, source)]
  })
}

function wrongImports(boundary: Boundary, file: string, source: string): string[] {
  return readImports(file, source)
    .filter((found) => !passes(boundary, resolve(file, found.specifier), found.typeOnly))
    .map(({ specifier, typeOnly, line }) => {
      const target = resolve(file, specifier)
      const forTypes = boundary.types?.some((type) => covers(type, target)) && !typeOnly
      return `${file}:${line}: imports ${target}, which ${forTypes ? 'it may import for its types alone' : `${boundary.module} may not`}`
    })
}

function wrongGlobals({ module, globals }: Boundary, file: string, source: string): string[] {
  const named = (list: string[], { name, use }: GlobalUse) => list.includes(name) || list.includes(use)
  return readGlobals(file, source)
    .filter((found) => (Array.isArray(globals) ? !named(globals, found) : named(globals.except, found)))
    .map(({ use, line }) => `${file}:${line}: uses the global ${use}, which ${module} may not`)
}

function passes(boundary: Boundary, target: string, typeOnly: boolean): boolean {
  return [...boundary.may, ...(typeOnly ? (boundary.types ?? []) : [])].some((allowed) => covers(allowed, target))
}

function covers(allowed: string, target: string): boolean {
  if (allowed.endsWith('/') || allowed.endsWith(':')) return target.startsWith(allowed)
  const prefix = allowed === 'relay/runtime/node/postgres'
  return target === allowed || target.startsWith(`${allowed}/`) || (prefix && target.startsWith(allowed))
}

function resolve(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file), specifier)) : specifier
}

function readImports(file: string, source: string): Import[] {
  const { module, lineAt } = parse(file, source)
  const fixed = [
    ...module.staticImports.map((found) => ({
      specifier: found.moduleRequest.value,
      typeOnly: found.entries.length > 0 && found.entries.every((entry) => entry.isType),
      line: lineAt(found.start),
    })),
    ...module.staticExports.flatMap((found) =>
      found.entries
        .filter((entry) => entry.moduleRequest)
        .map((entry) => ({
          specifier: entry.moduleRequest?.value ?? '',
          typeOnly: entry.isType,
          line: lineAt(found.start),
        })),
    ),
  ]
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    specifier: source.slice(start, end).replace(/^['"`]|['"`]$/g, ''),
    typeOnly: false,
    line: lineAt(start),
  }))
  return [...fixed, ...dynamic]
}

/** Reads the product's sources, by path. Declarations without code have no place in a module. */
export function readSources(root: string): Record<string, string> {
  const paths = globSync('{widget,relay,demo}/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.d.ts'))
  return Object.fromEntries(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]))
}

if (import.meta.main) {
  const violations = findViolations(readSources(join(import.meta.dirname, '../..')))
  for (const violation of violations) console.error(violation)
  console.log(violations.length === 0 ? 'boundaries: no violation' : `boundaries: ${violations.length} violations`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
