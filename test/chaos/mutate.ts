/**
 * `npm run test:chaos -- --mutations`: breaks a copy of the relay in one way after the other, and makes a run of each.
 *
 * It changes nothing in the checkout. Each run is a process of its own.
 */
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder, spawnChild } from './cleanup.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'
import type { PlatformName } from './run.ts'
import { applyChange } from './symbols.ts'

const ROOT = join(import.meta.dirname, '../..')
const COPIED = ['relay', 'widget', 'demo', 'test', 'forms.json', 'package.json', 'vite.config.ts', 'wrangler.jsonc']
const LINKED = ['node_modules', 'dist']

/** The control. Without a mutation every check must hold. */
const UNCHANGED: Mutation = { name: 'the relay as it is', changes: [] }

/** Number of seeds that a mutation is run with until it is detected. */
const SEEDS = 5

/** Maximum time of one run, in ms. */
const RUN_TIMEOUT_MS = 15 * 60_000

/** Result of one run, as the run's process sends it. */
export interface MutantResult {
  broken: { rule: string; times: number }[]
}

export interface MutationsOptions {
  platform: PlatformName
  /** Text that must be in the name of a mutation that is run. */
  only: string
}

/** Returns the changed files of a mutation by their path. Throws where a change does not fit its source. */
export function mutate(root: string, { changes }: Mutation): Map<string, string> {
  const files = new Map<string, string>()
  for (const change of changes) {
    const path = join(root, change.file)
    if (!existsSync(path)) throw new Error(`${change.file} does not exist`)
    const source = files.get(change.file) ?? readFileSync(path, 'utf8')
    files.set(change.file, applyChange(source, change))
  }
  return files
}

/** Runs one mutation after the other. Resolves with true when each is detected and the unchanged relay holds. */
export async function runMutations(
  print: (line: string) => void,
  { platform, only }: MutationsOptions,
): Promise<boolean> {
  const chosen = [UNCHANGED, ...MUTATIONS[platform]].filter(({ name }) => name.includes(only))
  if (chosen.length === 0) print(`no mutation of ${platform} has “${only}” in its name`)
  let pass = chosen.length > 0
  for (const mutation of chosen) {
    const outcome = await runMutation(mutation, platform)
    pass &&= outcome.pass
    print(`${mutation.name.padEnd(62)} ${outcome.text}`)
  }
  return pass
}

async function runMutation(mutation: Mutation, platform: PlatformName): Promise<{ pass: boolean; text: string }> {
  const folder = makeTempFolder('mutation')
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder.path, name), { recursive: true })
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder.path, name))
    for (const [file, source] of mutate(ROOT, mutation)) writeFileSync(join(folder.path, file), source)
    const seeds = mutation === UNCHANGED ? 1 : SEEDS
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { broken } = await runOnce(folder.path, platform, seed)
      const text = broken.map(({ rule, times }) => `${rule}: ${times}`).join(' · ')
      if (broken.length > 0) return { pass: mutation !== UNCHANGED, text: `${text} (seed ${seed})` }
    }
    return mutation === UNCHANGED ? { pass: true, text: 'holds (seed 1)' } : { pass: false, text: 'NOT DETECTED' }
  } catch (error) {
    return { pass: false, text: `DID NOT RUN: ${(error as Error).message}` }
  } finally {
    folder.remove()
  }
}

/** Makes one run. Rejects where it does not come to its end, because that detects nothing. */
function runOnce(folder: string, platform: PlatformName, seed: number): Promise<MutantResult> {
  return new Promise((resolve, reject) => {
    const program = join(folder, 'test/chaos/main.ts')
    const args = [program, '--mutant', '--platform', platform, '--seed', String(seed)]
    const child = spawnChild(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    const timeout = setTimeout(() => child.kill('SIGKILL'), RUN_TIMEOUT_MS)
    let errors = ''
    let result: MutantResult | undefined
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.once('message', (message: MutantResult) => (result = message))
    child.once('close', (code, signal) => {
      clearTimeout(timeout)
      if (result) resolve(result)
      else reject(new Error(`the run ended with ${code ?? signal}: ${errors.trim()}`))
    })
  })
}
