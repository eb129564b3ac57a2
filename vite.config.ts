/**
 * Four builds, one a mode:
 *   widget    dist/widget/    one file with Lit inside, for a <script type="module">; with its hashed copy
 *   bundler   dist/bundler/   for bundlers, Lit left outside
 *   journeys  dist/journeys/  the simulator's page
 *   marketo   dist/marketo/   the SOAP client for programs, the XML parser left outside
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { minifyHTMLLiterals } from 'minify-literals'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

/** Minifies the HTML, CSS and SVG templates of the sources below `folder`, a path from the project's root. */
const minifyTemplates = (folder: string): Plugin => ({
  name: 'minify-templates',
  apply: 'build',
  async transform(code, id) {
    if (!id.startsWith(`${join(import.meta.dirname, folder)}/`) || !/html`|css`|svg`/.test(code)) return undefined
    const minified = await minifyHTMLLiterals(code, { fileName: id })
    return minified ? { code: minified.code, map: minified.map as never } : undefined
  },
})

/** Beside `form-sync.js`: a copy whose name changes with its content, what to paste to pin it, and the headers. */
const publish: Plugin = {
  name: 'publish-widget',
  writeBundle({ dir }) {
    const folder = dir!
    const script = readFileSync(join(folder, 'form-sync.js'))
    const digest = createHash('sha384').update(script).digest()
    const hashed = `form-sync.${digest.toString('hex').slice(0, 8)}.js`
    const integrity = `sha384-${digest.toString('base64')}`
    writeFileSync(join(folder, hashed), script)
    writeFileSync(join(folder, 'form-sync.json'), `${JSON.stringify({ script: `/${hashed}`, integrity }, null, 2)}\n`)
    // Cloudflare reads this file; the Node platform's headers are held to the same by a test.
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
        `/${hashed}`,
        '  Cache-Control: public, max-age=31536000, immutable',
        '',
      ].join('\n'),
    )
    const brotli = brotliCompressSync(script).byteLength
    this.info(`form-sync.js: ${script.byteLength} bytes, ${brotli} in brotli; ${hashed} ${integrity}`)
  },
}

const modes: Record<string, UserConfig> = {
  widget: {
    plugins: [minifyTemplates('widget'), publish],
    build: {
      outDir: 'dist/widget',
      lib: { entry: 'widget/index.ts', formats: ['es'], fileName: () => 'form-sync.js' },
      // The element builds on Lit's ReactiveElement alone; Lit's templates would add 2.7 KB in brotli to every page.
      rolldownOptions: {
        treeshake: { moduleSideEffects: (id) => !/node_modules\/(lit|lit-html|lit-element)\//.test(id) },
      },
    },
  },
  bundler: {
    plugins: [minifyTemplates('widget')],
    build: {
      outDir: 'dist/bundler',
      lib: {
        entry: { index: 'widget/index.ts', 'form-sync': 'widget/form-sync.ts' },
        formats: ['es'],
        fileName: (_, name) => `${name}.js`,
      },
      rolldownOptions: { external: /^(lit|@lit)(\/|$|-)/ },
    },
  },
  journeys: {
    plugins: [minifyTemplates('demo/simulator/ui')],
    root: 'demo/simulator/ui',
    base: './',
    build: { outDir: '../../../dist/journeys', emptyOutDir: true },
  },
  marketo: {
    build: {
      outDir: 'dist/marketo',
      lib: { entry: 'relay/marketo/index.ts', formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: { external: 'fast-xml-parser' },
    },
  },
}

export default defineConfig(({ mode }) => {
  // Tools that only read this file ask for Vite's own modes.
  const config = modes[mode === 'development' || mode === 'production' ? 'widget' : mode]
  if (!config) throw new Error(`vite: --mode takes ${Object.keys(modes).join(', ')}; "${mode}" is none of them`)
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
        // Vite's library mode leaves white space in ES output unless it is asked here.
        output: { minify: true },
      },
    },
  }
})
