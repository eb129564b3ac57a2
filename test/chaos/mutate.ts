/**
 * `npm run test:chaos -- --mutations`: breaks a copy of the relay in one way after the other, and sees each given away.
 *
 * It changes nothing in the checkout. A run of its own, in a process of its own, for each.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MUTATIONS, type Change, type Mutation } from './mutations.ts'
import type { PlatformName } from './run.ts'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = ['relay', 'widget', 'demo', 'test', 'forms.json', 'package.json', 'wrangler.jsonc']
const LINKED = ['node_modules', 'dist']

/** The control: what gives the others away must not be there without them. */
const AS_IT_IS: Mutation = { name: 'the relay as it is', changes: [] }

/** One that stays hidden is looked for with other seeds too. */
const SEEDS = 5

/** The source with the change made; throws where its text does not stand there just once. */
export function change(source: string, { file, find, put }: Change): string {
  const parts = source.split(find)
  if (parts.length !== 2) throw new Error(`${file}: “${find}” stands there ${parts.length - 1} times`)
  return parts.join(put)
}

export interface MutationsOptions {
  platform: PlatformName
  /** Part of the names of those that are run. */
  only: string
}

/** Breaks and runs one after the other; true when each was given away, and the relay as it is holds. */
export async function runMutations(
  print: (line: string) => void,
  { platform, only }: MutationsOptions,
): Promise<boolean> {
  let all = true
  for (const mutation of [AS_IT_IS, ...MUTATIONS[platform]].filter(({ name }) => name.includes(only))) {
    const { good, words } = await look(mutation, platform)
    all &&= good
    print(`${mutation.name.padEnd(62)} ${words}`)
  }
  return all
}

/** Whether it came to what it must, and to what. */
interface Sight {
  good: boolean
  words: string
}

async function look(mutation: Mutation, platform: PlatformName): Promise<Sight> {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-mutation-'))
  try {
    for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name))
    for (const one of mutation.changes) {
      const path = join(folder, one.file)
      writeFileSync(path, change(readFileSync(path, 'utf8'), one))
    }
    const seeds = mutation === AS_IT_IS ? 1 : SEEDS
    for (let seed = 1; seed <= seeds; seed += 1) {
      const broken = await runOnce(folder, platform, seed)
      if (broken.length > 0) return { good: mutation !== AS_IT_IS, words: `${broken.join(' · ')} (seed ${seed})` }
    }
    return mutation === AS_IT_IS ? { good: true, words: 'holds (seed 1)' } : { good: false, words: 'NOT SEEN' }
  } catch (error) {
    return { good: false, words: `DID NOT RUN: ${(error as Error).message}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What broke in one run, each with how often. Rejects where there was no run to the end: that gives nothing away. */
function runOnce(folder: string, platform: PlatformName, seed: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const program = join(folder, 'test/chaos/main.ts')
    const words = ['--mutant', '--platform', platform, '--seed', String(seed)]
    const child = spawn(process.execPath, [program, ...words], { cwd: folder, env: process.env })
    let printed = ''
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    child.once('close', (code) => {
      const left = /^The evidence and the relay's log lie in (\S+)$/m.exec(printed)?.[1]
      if (left) rmSync(left, { recursive: true, force: true })
      const broken = [...printed.matchAll(/^(.*?)\s+BROKEN (\d+)/gm)].map(([, what, times]) => `${what}: ${times}`)
      if (broken.length > 0 || code === 0) resolve(broken)
      else reject(new Error(`it ended with ${code}: ${complaint.trim()}`))
    })
  })
}
