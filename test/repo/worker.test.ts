import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { makeFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')

it('the Worker is ready to be deployed, and small', () => {
  const out = makeFolder()

  execFileSync('npx', ['wrangler', 'deploy', '--dry-run', '--outdir', out], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
    stdio: 'pipe',
  })

  const script = readdirSync(out).find((name) => name.endsWith('.js')) ?? ''
  const bundle = readFileSync(join(out, script))
  expect(bundle.includes('LeadOutbox')).toBe(true)
  expect(gzipSync(bundle).byteLength).toBeLessThanOrEqual(45 * 1024)
}, 30_000)
