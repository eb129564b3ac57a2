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
const SEEDS = 3

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
    const seen = await look(mutation)
    all &&= seen !== undefined
    print(`${mutation.name.padEnd(58)} ${seen ?? 'NOT SEEN'}`)
  }
  return all
}

/** What gave it away; undefined when nothing did. */
async function look(mutation: Mutation): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-mutation-'))
  try {
    for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name))
    for (const one of mutation.changes) {
      const path = join(folder, one.file)
      writeFileSync(path, change(readFileSync(path, 'utf8'), one))
    }
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const seen = await runOnce(folder, seed)
      if (seen !== undefined) return `${seen} (seed ${seed})`
    }
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runOnce(folder: string, seed: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const words = [join(folder, 'test/chaos/main.ts'), '--mutant', '--seed', String(seed)]
    const child = spawn(process.execPath, words, { cwd: folder, env: { PATH: process.env.PATH ?? '' } })
    let printed = ''
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    child.once('close', (code) => {
      const broken = [...printed.matchAll(/^(.*?)\s+BROKEN (\d+)/gm)].map(
        ([, question, times]) => `${question}: ${times}`,
      )
      const left = /^The evidence and the relay's log lie in (\S+)$/m.exec(printed)?.[1]
      if (left) rmSync(left, { recursive: true, force: true })
      if (broken.length > 0) resolve(broken.join(' · '))
      else
        resolve(
          code === 0
            ? undefined
            : `it ended with ${code}: ${
                complaint
                  .trim()
                  .split('\n')
                  .find((line) => line.includes('Error')) ?? ''
              }`,
        )
    })
  })
}
