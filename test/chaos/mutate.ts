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

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = ['relay', 'widget', 'demo', 'test', 'forms.json', 'package.json']
const LINKED = ['node_modules', 'dist']

/** One that stays hidden is looked for with other seeds too. */
const SEEDS = 5

/** The source with the change made; throws where its text does not stand there just once. */
export function change(source: string, { file, find, put }: Change): string {
  const parts = source.split(find)
  if (parts.length !== 2) throw new Error(`${file}: “${find}” stands there ${parts.length - 1} times`)
  return parts.join(put)
}

/** Breaks and runs one after the other; true when each was given away. */
export async function runMutations(print: (line: string) => void, only = ''): Promise<boolean> {
  let all = true
  for (const mutation of MUTATIONS.filter(({ name }) => name.includes(only))) {
    const { seen, words } = await look(mutation)
    all &&= seen
    print(`${mutation.name.padEnd(62)} ${words}`)
  }
  return all
}

/** Whether it was given away, and by what. */
interface Sight {
  seen: boolean
  words: string
}

async function look(mutation: Mutation): Promise<Sight> {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-mutation-'))
  try {
    for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name))
    for (const one of mutation.changes) {
      const path = join(folder, one.file)
      writeFileSync(path, change(readFileSync(path, 'utf8'), one))
    }
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const broken = await runOnce(folder, seed)
      if (broken.length > 0) return { seen: true, words: `${broken.join(' · ')} (seed ${seed})` }
    }
    return { seen: false, words: 'NOT SEEN' }
  } catch (error) {
    return { seen: false, words: `DID NOT RUN: ${(error as Error).message}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What broke in one run, each with how often. Rejects where there was no run to the end: that gives nothing away. */
function runOnce(folder: string, seed: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const words = [join(folder, 'test/chaos/main.ts'), '--mutant', '--seed', String(seed)]
    const child = spawn(process.execPath, words, { cwd: folder, env: process.env })
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
