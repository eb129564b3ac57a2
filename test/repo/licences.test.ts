import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Lock {
  packages: Record<string, { license?: string | undefined; version?: string }>
}

/** Checks a copy of the project's packages whose lock file was changed. */
function checkWith(change: (packages: Lock['packages']) => void) {
  const folder = makeFolder()
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock
  change(lock.packages)
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  writeFileSync(join(folder, 'package.json'), readFileSync(join(ROOT, 'package.json')))
  return spawnSync(process.execPath, ['.ci/licences.ts', folder], { cwd: ROOT, encoding: 'utf8' })
}

it('every production dependency has a licence of the list', () => {
  const { status, stdout } = checkWith(() => {})

  expect(status).toBe(0)
  expect(Number(/(\d+) production packages/.exec(stdout)?.[1])).toBeGreaterThan(20)
})

it.each([
  ['of another licence', 'GPL-3.0-only', 'GPL-3.0-only'],
  ['with a choice of which one is another', '(MIT OR SSPL-1.0)', '(MIT OR SSPL-1.0)'],
  ['without a licence', undefined, 'no licence'],
])('a production dependency %s is refused', (_, license, message) => {
  const { status, stderr } = checkWith((packages) => {
    packages['node_modules/hono'] = { ...packages['node_modules/hono'], license }
  })

  expect(status).toBe(1)
  expect(stderr).toMatch(/^ {2}hono [\d.]+: /m)
  expect(stderr).toContain(`: ${message}\n`)
})

it('a dependency of the development alone may have another licence', () => {
  const { status } = checkWith((packages) => {
    packages['node_modules/vitest'] = { ...packages['node_modules/vitest'], license: 'GPL-3.0-only' }
  })

  expect(status).toBe(0)
})
