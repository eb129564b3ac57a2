/**
 * Several builds, one a mode:
 *   widget    dist/widget/    one file, for a <script type="module">; with its copies, one of them for a <script> that is no
 *                             module, and the parts that it loads on demand
 *   bundler   dist/bundler/   the widget for bundlers
 *   journeys  dist/journeys/  the simulator's page
 *   marketo   dist/marketo/   the client for programs
 *   relay     dist/relay/     the parts of the relay, for a runtime of one's own
 *   node      dist/node/      the command, the relay on Node and the simulator
 *   cloudflare  dist/cloudflare/  the relay as a Worker of one's own
 *   worker    dist/worker/    the Worker, which `wrangler.jsonc` deploys
 *             with what it loads later, which are modes too: those of `LATER`
 * Those for programs and bundlers leave the dependencies of package.json outside.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { minifyHTMLLiterals } from 'minify-literals'
import { parseSync, Visitor } from 'oxc-parser'
import { minify as compress } from 'terser'
import { build as buildModule, defineConfig, type Plugin, type UserConfig } from 'vite'
import manifest from './package.json' with { type: 'json' }

/** Minifies the HTML, CSS and SVG templates of this project's own sources. */
const minifyTemplates: Plugin = {
  name: 'minify-templates',
  apply: 'build',
  async transform(code, id) {
    if (id.includes('/node_modules/') || !/html`|css`|svg`/.test(code)) return undefined
    const minified = await minifyHTMLLiterals(code, { fileName: id })
    return minified ? { code: minified.code, map: minified.map as never } : undefined
  },
}

/** Returns a JavaScript module whose template literals have no line breaks and indentation outside the quotes of SQL. */
export function collapseSql(code: string): string {
  const texts: { start: number; end: number; short: string }[] = []
  const collapse = ({ quasis }: { quasis: { start: number; end: number }[] }) => {
    const sql = quasis.map(({ start, end }) => code.slice(start, end)).join('\0')
    // A comment of SQL ends with its line.
    if (sql.includes('--')) return
    const short = sql.replace(/'[^']*'|"[^"]*"|\s*\n\s*/g, (part) => (/^['"]/.test(part) ? part : ' ')).split('\0')
    for (const [at, { start, end }] of quasis.entries()) texts.push({ start, end, short: short[at]! })
  }
  new Visitor({ TemplateLiteral: collapse }).visit(parseSync('module.js', code).program)
  return texts
    .toSorted((a, b) => b.start - a.start)
    .reduce((shorter, { start, end, short }) => shorter.slice(0, start) + short + shorter.slice(end), code)
}

/** Takes the layout out of the SQL of the Worker's outbox. */
const minifySql: Plugin = {
  name: 'minify-sql',
  transform(code, id) {
    return id.includes('/relay/outbox/sqlite/') ? { code: collapseSql(code), map: null } : undefined
  },
}

/** Lets terser shorten expressions and inline functions before Vite shortens names: 1.1 KB less in gzip than Vite alone. */
const compressExpressions: Plugin = {
  name: 'compress-expressions',
  async renderChunk(code) {
    const { code: compressed } = await compress(code, { module: true, ecma: 2020, mangle: false })
    return { code: compressed!, map: null }
  },
}

/** True for an import of a dependency, as consumers install it with the package. */
const isDependency = (specifier: string) =>
  Object.keys(manifest.dependencies).some((name) => specifier === name || specifier.startsWith(`${name}/`))

/** The widget for a `<script>` that is no module. */
const CLASSIC = 'form-sync-classic.js'

/** Returns a module without imports as a script that exports nothing and leaves no names on the page. */
export function classicScript(code: string): string {
  const body = code.replace(/export\s*\{[^}]*\};?(?=\s*(\/\/.*\s*)?$)/, '')
  if (body === code) throw new Error('the widget has no exports at its end')
  return `(()=>{${body}\n})()\n`
}

/** Writes beside `form-sync.js` a copy for scripts that are no modules, a copy whose name changes with its content, the values to pin it by, and the headers. */
const publish: Plugin = {
  name: 'publish-widget',
  writeBundle({ dir }, bundle) {
    const folder = dir!
    const parts = Object.keys(bundle).filter((name) => name !== 'form-sync.js' && name.endsWith('.js'))
    const script = readFileSync(join(folder, 'form-sync.js'))
    writeFileSync(join(folder, CLASSIC), classicScript(script.toString()))
    const digest = createHash('sha384').update(script).digest()
    const hashed = `form-sync.${digest.toString('hex').slice(0, 8)}.js`
    const integrity = `sha384-${digest.toString('base64')}`
    writeFileSync(join(folder, hashed), script)
    writeFileSync(join(folder, 'form-sync.json'), `${JSON.stringify({ script: `/${hashed}`, integrity }, null, 2)}\n`)
    // Cloudflare reads this file. A test compares it with the headers of the relay on Node.
    writeFileSync(
      join(folder, '_headers'),
      [
        '/*',
        '  Access-Control-Allow-Origin: *',
        '  Cross-Origin-Resource-Policy: cross-origin',
        '  X-Content-Type-Options: nosniff',
        '/form-sync.js',
        '  Cache-Control: public, max-age=300',
        '/form-sync.json',
        '  Cache-Control: public, max-age=300',
        ...[...parts, CLASSIC].flatMap((part) => [`/${part}`, '  Cache-Control: public, max-age=300']),
        `/${hashed}`,
        '  Cache-Control: public, max-age=31536000, immutable',
        '',
      ].join('\n'),
    )
    const brotli = brotliCompressSync(script).byteLength
    this.info(`form-sync.js: ${script.byteLength} bytes, ${brotli} in brotli; ${hashed} ${integrity}`)
  },
}

/** Returns the name of the file of a part of the widget, which is that of its folder. */
const partName = ({ facadeModuleId }: { facadeModuleId: string | null }) =>
  `form-sync-${basename(dirname(facadeModuleId ?? 'part/'))}.js`

const WORKER = 'relay/runtime/cloudflare'

/**
 * Modules that the Worker replaces: a smaller XML parser, Hono without what the relay never reaches, and no error codes of
 * Node.
 */
export const WORKER_ALIASES: Record<string, string> = {
  './tree-parser.ts': `${WORKER}/tree-parser.ts`,
  'hono/tiny': `${WORKER}/hono/app.ts`,
  './never-connected.ts': `${WORKER}/never-connected.ts`,
  './operator-routes.ts': `${WORKER}/operator-routes.ts`,
  './operators.ts': `${WORKER}/operators.ts`,
  './leads-route.ts': `${WORKER}/leads-route.ts`,
}

/** Builds the Worker for one transport alone where the variable names it, which makes it smaller. */
const chooseTransport: Plugin = {
  name: 'choose-transport',
  load(id) {
    const chosen = process.env.MARKETO_TRANSPORT
    if (!chosen || !id.endsWith('/relay/config/transports.ts')) return undefined
    if (chosen !== 'rest' && chosen !== 'soap') throw new Error(`MARKETO_TRANSPORT is ${chosen}; use rest or soap`)
    return `export const HAS_REST = ${chosen === 'rest'}; export const HAS_SOAP = ${chosen === 'soap'}`
  },
}

/** Modules that the Worker loads when it needs them, by the mode that builds each. */
const LATER = {
  'answer-operator': 'answer-operator.js',
  'answer-server': 'answer-server.js',
  'check-forms': 'check-forms.js',
  'check-robots': 'check-robots.js',
  maintenance: 'maintenance.js',
  'move-leads': 'move-leads.js',
  'open-data-keys': 'open-data-keys.js',
  'rest-transport': 'rest-transport.js',
  'soap-transport': 'soap-transport.js',
  'screen-posts': 'screen-posts.js',
  'disposable-domains': 'disposable-domains.js',
  'upgrade-tables': 'upgrade-tables.js',
  'bound-leads': 'bound-leads.js',
  'count-leads': 'count-leads.js',
  'send-alerts': 'send-alerts.js',
  heartbeat: 'heartbeat.js',
}

/**
 * Builds the modules of `LATER` beside the Worker. Each has its own copy of what it shares with the Worker: chunks that
 * both import would make a start of the Worker slower.
 */
const separateModules: Plugin = {
  name: 'separate-modules',
  enforce: 'pre',
  resolveId(source) {
    const file = Object.entries(LATER).find(([name]) => source === `./${name}.ts`)?.[1]
    return file === undefined ? undefined : { id: `./${file}`, external: 'absolute' }
  },
  async writeBundle({ dir }, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
    // A build for one transport has not the import of the other: the list of imports was made before its code was left out.
    for (const [mode, file] of Object.entries(LATER)) {
      if (!chunks.some(({ code }) => code.includes(`./${file}`))) continue
      const build = { outDir: dir!, emptyOutDir: false }
      await buildModule({ root: import.meta.dirname, mode, logLevel: 'warn', build })
    }
  },
}

const workerAliases = Object.entries(WORKER_ALIASES).map(([find, file]) => ({
  find,
  replacement: join(import.meta.dirname, file),
}))

/** Modules that the package replaces: its built files are beside its scripts, and a Worker's forms are given to it. */
const packageAliases = [
  { find: './built-files.ts', file: 'relay/runtime/node/packaged-files.ts' },
  { find: './built-page.ts', file: 'demo/simulator/packaged-page.ts' },
  { find: '../../../forms.json', file: `${WORKER}/given-forms.ts` },
].map(({ find, file }) => ({ find, replacement: join(import.meta.dirname, file) }))

/** Options of a build of a module for workerd. */
function workerBuild(entry: string, name: string): NonNullable<UserConfig['build']> {
  return {
    outDir: 'dist/worker',
    // What workerd runs.
    target: 'es2024',
    lib: { entry: `${WORKER}/${entry}`, formats: ['es'], fileName: () => name },
    rolldownOptions: {
      external: /^(?:cloudflare|node):/,
      // terser takes most of the time; a warning about that would appear at each start.
      checks: { bundlerTimings: false },
    },
  }
}

/** Modules that the widget for pages replaces: Lit's element would add 1.6 KB in brotli to every page. */
export const WIDGET_ALIASES: Record<string, string> = {
  '@lit/reactive-element': join(import.meta.dirname, 'widget/script/reactive-element.ts'),
}

/** Names of properties that no page and no other part of the widget uses. */
const INNER_NAMES = /^(isUsed|maxWait|waits|hasUpdated|cssText|styleSheet|createRenderRoot|requestUpdate)$/

/** Lets terser shorten the finished widget in three passes, with shorter names of properties: 250 bytes less in brotli. */
const compressWidget: Plugin = {
  name: 'compress-widget',
  async generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue
      const options = {
        passes: 3,
        ecma: 2020,
        unsafe: true,
        unsafe_arrows: true,
        keep_fargs: false,
        booleans: false,
        collapse_vars: false,
      } as const
      const mangle = { properties: { regex: INNER_NAMES } }
      file.code = (await compress(file.code, { module: true, compress: options, mangle })).code!
    }
  },
}

const modes: Record<string, UserConfig> = {
  widget: {
    plugins: [minifyTemplates, compressWidget, publish],
    resolve: { alias: WIDGET_ALIASES },
    build: {
      outDir: 'dist/widget',
      lib: { entry: 'widget/index.ts', formats: ['es'], fileName: () => 'form-sync.js' },
      rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes('/node_modules/altcha-lib/') } },
    },
  },
  bundler: {
    plugins: [minifyTemplates],
    build: {
      outDir: 'dist/bundler',
      lib: {
        entry: { index: 'widget/index.ts', 'form-sync': 'widget/form-sync.ts' },
        formats: ['es'],
        fileName: (_, name) => `${name}.js`,
      },
      rolldownOptions: { external: isDependency },
    },
  },
  journeys: {
    plugins: [minifyTemplates],
    root: 'demo/simulator/ui',
    base: './',
    build: { outDir: '../../../dist/journeys', emptyOutDir: true },
  },
  marketo: {
    build: {
      outDir: 'dist/marketo',
      lib: { entry: 'relay/marketo/index.ts', formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: { external: isDependency },
    },
  },
  relay: {
    build: {
      outDir: 'dist/relay',
      // Names in a server's stack traces are worth more than bytes.
      minify: false,
      lib: { entry: 'relay/index.ts', formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: { external: isDependency },
    },
  },
  node: {
    resolve: { alias: packageAliases },
    build: {
      outDir: 'dist/node',
      ssr: true,
      minify: false,
      rolldownOptions: {
        input: {
          'form-sync': 'relay/cli/form-sync.ts',
          'log-thread': 'relay/runtime/node/log-thread.ts',
          relay: 'relay/runtime/node/index.ts',
          simulator: 'demo/simulator/in-process.ts',
        },
      },
    },
  },
  cloudflare: {
    resolve: { alias: [...workerAliases, ...packageAliases] },
    build: {
      outDir: 'dist/cloudflare',
      // wrangler minifies it, where it is asked to.
      minify: false,
      lib: { entry: `${WORKER}/index.ts`, formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: { external: /^(?:cloudflare|node):/ },
    },
  },
  worker: {
    plugins: [chooseTransport, separateModules, minifySql, compressExpressions],
    resolve: { alias: workerAliases },
    build: workerBuild('worker.ts', 'worker.js'),
  },
  ...Object.fromEntries(
    Object.entries(LATER).map(([mode, file]): [string, UserConfig] => [
      mode,
      {
        plugins: [chooseTransport, separateModules, minifySql, compressExpressions],
        resolve: { alias: workerAliases },
        build: workerBuild(`${mode}.ts`, file),
      },
    ]),
  ),
}

export default defineConfig(({ mode }) => {
  // Tools that only read this file do so in one of Vite's own modes.
  const config = modes[mode === 'development' || mode === 'production' ? 'widget' : mode]
  if (!config) throw new Error(`unknown mode: ${mode}; use one of ${Object.keys(modes).join(', ')}`)
  return {
    publicDir: false,
    logLevel: 'info',
    ...config,
    build: {
      target: 'es2022',
      sourcemap: mode === 'bundler',
      ...config.build,
      rolldownOptions: {
        ...config.build?.rolldownOptions,
        output: {
          // Vite's library mode leaves white space in ES output unless it is asked here.
          minify: config.build?.minify !== false,
          // A server gains nothing by loading a part of the relay later.
          ...(mode === 'relay' && { codeSplitting: false }),
          // The scripts find the widget and the page beside their folder.
          ...(mode === 'node' && { chunkFileNames: '[name]-[hash].js' }),
          // Each part that is loaded on demand has the name of its folder: `widget/challenge/`.
          ...(mode === 'widget' && { chunkFileNames: partName }),
        },
      },
    },
  }
})
