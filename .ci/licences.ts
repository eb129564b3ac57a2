/**
 * Checks that the licence of every production dependency is one of a list: `node .ci/licences.ts [folder]`.
 *
 * It reads the bill of materials that `npm sbom` makes from the lock file, and asks no registry.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** SPDX identifiers of licences that ask for no more than their text. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
])

/** Part of CycloneDX 1.5 that is read. */
interface BillOfMaterials {
  components: {
    name: string
    version: string
    licenses?: { license?: { id?: string; name?: string }; expression?: string }[]
  }[]
}

const folder = process.argv[2] ?? join(import.meta.dirname, '..')
const words = ['sbom', '--package-lock-only', '--omit', 'dev', '--sbom-format', 'cyclonedx']
const { components } = JSON.parse(execFileSync('npm', words, { cwd: folder, encoding: 'utf8' })) as BillOfMaterials
const wrong = components.flatMap(({ name, version, licenses = [] }) => {
  const found = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '')
  if (found.length > 0 && found.every((licence) => ALLOWED.has(licence))) return []
  return [`  ${name} ${version}: ${found.join(', ') || 'no licence'}`]
})
if (wrong.length > 0) {
  console.error(`licences that are not allowed:\n${wrong.join('\n')}\nallowed are ${[...ALLOWED].join(', ')}`)
  process.exitCode = 1
} else console.log(`licences: ${components.length} production packages, all allowed`)
