/**
 * Runs tests in this runtime: `run.ts <file>…`. Prints each failure, and a line of JSON at the end. The import of `vitest`
 * must lead to vitest.ts of this folder: `deno.json` says so to Deno, and `tsconfig.json` to Bun.
 */
import { resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { runTests } from './vitest.ts'

for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href)

const failed: string[] = []
const ran = await runTests((title, message) => {
  failed.push(title)
  process.stdout.write(`not ok ${title}\n${message}\n\n`)
})
process.stdout.write(`${JSON.stringify({ passed: ran - failed.length, failed })}\n`, () => process.exit(0))
