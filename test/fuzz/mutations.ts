/** Ways to break the relay that the fuzzer must find, and a run against a copy that is broken in each of them. */
import { cpSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder, spawnChild } from '../chaos/cleanup.ts'
import { mutate } from '../chaos/mutate.ts'
import type { Mutation } from '../chaos/mutations.ts'
import { prepend, replace } from '../chaos/symbols.ts'

const ROOT = join(import.meta.dirname, '../..')
const COPIED = ['relay', 'demo', 'test', 'package.json']
const LINKED = ['node_modules', 'dist']

/** Requests of a run. */
const REQUESTS = 1_500

/** The mutations, each with what the fuzzer must find. */
export const FUZZ_MUTATIONS: readonly (Mutation & { finds: RegExp })[] = [
  {
    name: 'a failure of a route is answered with the text of the error',
    finds: /the status 500|no problem|insides/,
    changes: [
      {
        file: 'relay/http/app.ts',
        symbol: 'createApp',
        change: replace(
          "return problem('unavailable', 'An unexpected error occurred. Please send the request again.', {})",
          'return new Response(String(error.stack), { status: 500 })',
        ),
      },
      {
        file: 'relay/intake/submission.ts',
        symbol: 'readBody',
        change: prepend("if (request.headers.get('content-type') === 'constructor') throw new TypeError('x')"),
      },
      {
        file: 'relay/http/app.ts',
        symbol: 'createApp',
        change: replace(
          'const body = await readBody(request).catch(() => undefined)',
          'const body = await readBody(request)',
        ),
      },
    ],
  },
  {
    name: 'a body that is no form gets no reply',
    finds: /hangs|without a reply/,
    changes: [
      {
        file: 'relay/http/app.ts',
        symbol: 'createApp',
        change: replace(
          'if (!body.ok) {',
          "if (!body.ok && body.rejection.code === 'type') await new Promise(() => {})\n    if (!body.ok) {",
        ),
      },
    ],
  },
  {
    name: 'fields that a form does not define reach Marketo',
    finds: /at Marketo: the attribute/,
    changes: [
      {
        file: 'relay/intake/intake.ts',
        symbol: 'createLead',
        change: replace(
          "const given = extras.get('_id')",
          "for (const name of ['Company', 'Phone']) if (fields.has(name)) attributes.push({ name, value: fields.get(name)![0]! })\n  const given = extras.get('_id')",
        ),
      },
    ],
  },
]

/** Runs the fuzzer against each. Resolves with true when it finds what it must. */
export async function runFuzzMutations(print: (line: string) => void): Promise<boolean> {
  let pass = true
  for (const mutation of FUZZ_MUTATIONS) {
    const found = await runMutation(mutation)
    const isFound = mutation.finds.test(found)
    pass &&= isFound
    print(`${mutation.name.padEnd(62)} ${isFound ? found : `NOT DETECTED: ${found}`}`)
  }
  return pass
}

/** Resolves with the lines that name faults. */
async function runMutation(mutation: Mutation): Promise<string> {
  const folder = makeTempFolder('mutation')
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder.path, name), { recursive: true })
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder.path, name))
    for (const [file, source] of mutate(ROOT, mutation)) writeFileSync(join(folder.path, file), source)
    const args = [join(folder.path, 'test/fuzz/main.ts'), '--seed', '1', '--requests', String(REQUESTS)]
    const child = spawnChild(process.execPath, args, { cwd: folder.path, stdio: ['ignore', 'pipe', 'inherit'] })
    let printed = ''
    child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await new Promise((resolve) => child.once('close', resolve))
    return Array.from(printed.matchAll(/^\d+ times: .*$/gm), ([line]) => line).join(' · ')
  } finally {
    folder.remove()
  }
}
