/**
 * The tests of the core, run by the other runtimes themselves: `harness/` takes the place of Vitest there. They include the
 * suite of the outbox on SQLite, the delivery by SOAP and REST to the simulator, the HTTP contract and the vectors of the
 * signature.
 */
import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { diskFolder, requireRuntime, RUNTIMES, type Runtime } from '../support/runtimes.ts'

const ROOT = join(import.meta.dirname, '../..')
const HARNESS = 'test/runtimes/harness'

/** Tests of one runtime or database, of programs that run as processes of Node, with a browser or a native module, and floods. */
const OF_NODE =
  /\.long\.test|\/postgres|\/cloudflare\/|\/cli\/|keep\.test|examples\.test|doc-comments|import\.test|log-line|floods/

/** Tests that import a file as text by Vite's `?raw`. */
const NOT_IN_DENO = /sqlite\/upgrade\.test/

/** Parts of Vitest that the harness does not have. */
const NOT_IN_HARNESS = /\bvi\.(?!waitFor)\w+|expect\.poll|withPostgres/

interface Report {
  passed: number
  failed: string[]
}

/** Words that start a program of TypeScript whose import of `vitest` leads to the harness. */
const START: Record<Exclude<Runtime['name'], 'Node 22'>, readonly string[]> = {
  Bun: ['run', `--tsconfig-override=${HARNESS}/tsconfig.json`],
  Deno: [
    'run',
    '--no-prompt',
    '--no-check',
    `--config=${HARNESS}/deno.json`,
    '--allow-net',
    '--allow-read',
    '--allow-write',
    '--allow-env',
    '--allow-sys',
    '--allow-run',
  ],
}

/** Returns the test files of the relay that the harness can run. */
function coreTests(): string[] {
  return globSync('test/{relay,oracle}/**/*.test.ts', { cwd: ROOT })
    .filter((file) => !OF_NODE.test(file) && !NOT_IN_HARNESS.test(readFileSync(join(ROOT, file), 'utf8')))
    .toSorted()
}

/** Runs tests in a runtime. Resolves with the last line of the output, and rejects with all of it if that is no report. */
async function runIn(program: string, words: readonly string[], files: readonly string[]): Promise<Report> {
  const folder = mkdtempSync(join(program.includes('deno') ? diskFolder() : tmpdir(), 'form-sync-in-runtime-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const run = promisify(execFile)(program, [...words, `${HARNESS}/run.ts`, ...files], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: folder, NO_COLOR: '1' },
    maxBuffer: 64 * 1024 * 1024,
  })
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error)
  const last = stdout.trim().split('\n').at(-1) ?? ''
  if (!last.startsWith('{"passed"')) throw new Error(`${stdout}\n${stderr}`)
  return JSON.parse(last) as Report
}

/** Tests whose results differ there for a reason that is not the relay's. */
const OTHERWISE: Record<keyof typeof START, readonly string[]> = {
  Bun: [
    // Other words of JSON.parse.
    'the configuration > says where a forms file is not valid JSON',
    // The type of a JSON reply names its charset.
    'GET /f/<form>/ticket > gives a page of the form a ticket that no cache may keep',
    // The runtime sends nothing at all for a FormData without fields.
    'a multipart body > is parsed to the names and values of the browser’s FormData',
    // The error does not say that nothing was sent, so that the lead waits as long as a call may take.
    'a call to a real address that fails before a connection is made > was never sent to a network that cannot be reached',
  ],
  Deno: [
    // The test itself runs VACUUM, which needs all permissions.
    'an outbox that knows of fewer leads than were accepted > is not reported after a crash when another program has opened it, which copies the log into the file and deletes it',
    // A statement that meets a damaged page returns none of the rows before it.
    'the leads in a quarantined outbox > are counted row by row when the counters are damaged: up to the damage',
  ],
}

describe('the tests of the core', { timeout: 900_000 }, () => {
  it.each(RUNTIMES.filter(({ name }) => name in START))('pass on $name', async (runtime) => {
    const name = runtime.name as keyof typeof START
    const program = requireRuntime(runtime)
    const files = coreTests().filter((file) => name === 'Bun' || !NOT_IN_DENO.test(file))

    const { passed, failed } = await runIn(program, START[name], files)

    expect(failed.toSorted()).toEqual(OTHERWISE[name].toSorted())
    expect(passed).toBeGreaterThan(4_000)
    process.stderr.write(`${runtime.name}: ${passed} tests of ${files.length} files\n`)
  })
})
