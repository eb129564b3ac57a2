/**
 * Packs the package as it is published, from what `npm run build` wrote: `npm run pack -- <folder>`.
 *
 * The tarball holds the files that package.json lists. Its manifest has neither scripts nor development packages, and
 * only those dependencies that a packed file imports: the others belong to the checkout, as Node's binary does.
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
const CHECKOUT_FIELDS = new Set(['scripts', 'devDependencies', 'optionalDependencies', 'allowScripts'])

interface Manifest {
  files: string[]
  dependencies: Record<string, string>
  [field: string]: unknown
}

/** Packs into the folder, which is made if it does not exist. Returns the path of the tarball. */
export function pack(folder: string): string {
  const stage = mkdtempSync(join(tmpdir(), 'form-sync-pack-'))
  try {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
    for (const path of [...manifest.files, ...ALWAYS]) {
      if (!existsSync(join(ROOT, path))) throw new Error(`${path} does not exist: run npm run build`)
      cpSync(join(ROOT, path), join(stage, path), { recursive: true })
    }
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published(manifest, stage), null, 2)}\n`)
    mkdirSync(folder, { recursive: true })
    const options = ['--silent', '--ignore-scripts', '--pack-destination', resolve(folder)]
    const name = execFileSync('npm', ['pack', ...options], { cwd: stage, encoding: 'utf8' }).trim()
    return join(resolve(folder), name)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** Returns the manifest for the files in the folder. */
function published({ dependencies, ...manifest }: Manifest, folder: string): object {
  const imported = importsBelow(folder)
  return {
    ...Object.fromEntries(Object.entries(manifest).filter(([field]) => !CHECKOUT_FIELDS.has(field))),
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([name]) => imported.has(name))),
  }
}

/** Returns the names of the packages that scripts and declarations import. */
function importsBelow(folder: string): Set<string> {
  const specifiers = globSync('**/*.{js,d.ts}', { cwd: folder }).flatMap((file) => {
    const { module } = parseSync(file, readFileSync(join(folder, file), 'utf8'))
    const exported = module.staticExports.flatMap(({ entries }) => entries)
    return [...module.staticImports, ...exported].map(({ moduleRequest }) => moduleRequest?.value ?? '.')
  })
  const packages = specifiers.filter((specifier) => !/^[./]|^node:/.test(specifier))
  return new Set(packages.map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier))
}

if (import.meta.main) console.log(pack(process.argv[2] ?? 'dist'))
