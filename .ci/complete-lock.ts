/**
 * Names in package-lock.json the optional platform packages that the registry in use did not list.
 *
 * A registry that carries only some platforms' binaries makes `npm install` leave the others out of the lock, and
 * `npm ci` then refuses it. Run after every `npm install` that changes the tree: `npm run lock`. It downloads nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  version?: string
  optional?: boolean
  dev?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const OPERATING_SYSTEMS: [RegExp, string][] = [
  [/android/, 'android'],
  [/darwin/, 'darwin'],
  [/win(32|dows)/, 'win32'],
  [/freebsd/, 'freebsd'],
  [/openbsd/, 'openbsd'],
  [/openharmony/, 'openharmony'],
  [/linux/, 'linux'],
]
const PROCESSORS: [RegExp, string][] = [
  [/arm64|aarch64/, 'arm64'],
  [/x64|x86_64|-64$/, 'x64'],
  [/arm(-|v|$)/, 'arm'],
  [/ia32|i686/, 'ia32'],
  [/ppc64/, 'ppc64'],
  [/riscv64/, 'riscv64'],
  [/s390x/, 's390x'],
  [/loong64/, 'loong64'],
  [/wasm32/, 'wasm32'],
]

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Entry> }
const packages = lock.packages
const added: string[] = []

for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const os = OPERATING_SYSTEMS.find(([pattern]) => pattern.test(name))?.[1]
    const cpu = PROCESSORS.find(([pattern]) => pattern.test(name))?.[1]
    const exact = /^\d/.test(version)
    if (!exact || (!os && !cpu) || isResolved(path, name, version)) continue

    const stands = packages[`node_modules/${name}`] ? `${path}/` : ''
    packages[`${stands}node_modules/${name}`] = {
      version,
      optional: true,
      ...(entry.dev && { dev: true }),
      ...(os && { os: [os] }),
      ...(cpu && { cpu: [cpu] }),
      ...(name.includes('musl') && { libc: ['musl'] }),
    }
    added.push(`${name}@${version}`)
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
console.log(added.length > 0 ? `added ${added.join(' ')}` : 'the lock is complete')

/** True when Node, walking up from `path`, would find that version of the package. */
function isResolved(path: string, name: string, version: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${folder && `${folder}/`}node_modules/${name}`]?.version === version) return true
    if (folder === '') return false
  }
}
