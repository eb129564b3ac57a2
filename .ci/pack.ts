/**
 * Packs the package as it is published, from what `npm run build` wrote: `npm run pack -- <folder>`.
 *
 * `dist/package` then holds what the tarball has: the files that package.json lists, and a manifest of its own. That has
 * neither scripts nor development packages, and only those dependencies that a packed file imports: the others belong to the
 * checkout, as Node's binary does.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'

const ROOT = join(import.meta.dirname, '..')
/** Files that npm packs though they are not listed. */
const ALWAYS = ['README.md', 'LICENSE']
/** Fields of package.json that serve the checkout alone. */
const CHECKOUT_FIELDS = new Set([
  'private',
  'scripts',
  'devDependencies',
  'optionalDependencies',
  'allowScripts',
  'cloudflare',
])
/** Dependencies that only some relays need: with PostgreSQL. */
const OPTIONAL_PEERS = ['pg']
/** Versions of Node that run the package. The checkout needs a later one, which runs TypeScript. */
const ENGINES = { node: '>=22.18' }

interface Manifest {
  files: string[]
  dependencies: Record<string, string>
  [field: string]: unknown
}

/** Packs into the folder, which is made if it does not exist. Returns the path of the tarball. */
export function pack(folder: string): string {
  const stage = mkdtempSync(join(tmpdir(), 'form-sync-pack-'))
  try {
    writePackage(stage)
    return packFrom(stage, folder)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** Writes the files of the package and its manifest into an empty folder. */
function writePackage(stage: string): void {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
  for (const path of [...manifest.files, ...ALWAYS]) {
    if (!existsSync(join(ROOT, path))) throw new Error(`${path} does not exist: run npm run build`)
    cpSync(join(ROOT, path), join(stage, path), { recursive: true })
  }
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published(manifest, stage), null, 2)}\n`)
}

/** Runs `npm pack` on the files of the package. Returns the path of the tarball. */
function packFrom(stage: string, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const options = ['--silent', '--ignore-scripts', '--pack-destination', resolve(folder)]
  const name = execFileSync('npm', ['pack', ...options], { cwd: stage, encoding: 'utf8' }).trim()
  return join(resolve(folder), name)
}

/** Returns the manifest for the files in the folder. */
function published({ dependencies, ...manifest }: Manifest, folder: string): object {
  const imported = importsBelow(folder)
  const isPeer = (name: string) => OPTIONAL_PEERS.includes(name)
  const used = Object.entries(dependencies).filter(([name]) => imported.has(name))
  return {
    ...Object.fromEntries(Object.entries(manifest).filter(([field]) => !CHECKOUT_FIELDS.has(field))),
    dependencies: Object.fromEntries(used.filter(([name]) => !isPeer(name))),
    peerDependencies: Object.fromEntries(
      used.filter(([name]) => isPeer(name)).map(([name, version]) => [name, `^${version}`]),
    ),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL_PEERS.map((name) => [name, { optional: true }])),
    engines: ENGINES,
  }
}

/** Returns the names of the packages that scripts and declarations import. */
function importsBelow(folder: string): Set<string> {
  const specifiers = globSync('**/*.{js,d.ts}', { cwd: folder }).flatMap((file) => {
    const code = readFileSync(join(folder, file), 'utf8')
    const { module } = parseSync(file, code)
    const exported = module.staticExports.flatMap(({ entries }) => entries)
    const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => code.slice(start + 1, end - 1))
    return [
      ...[...module.staticImports, ...exported].map(({ moduleRequest }) => moduleRequest?.value ?? '.'),
      ...dynamic,
    ]
  })
  const packages = specifiers.filter((specifier) => !/^[./]|^(node|cloudflare):/.test(specifier))
  return new Set(packages.map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier))
}

if (import.meta.main) {
  const stage = join(ROOT, 'dist/package')
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  writePackage(stage)
  console.log(packFrom(stage, process.argv[2] ?? 'dist'))
}
