/** Declares the test of a build of the Worker: that it can be deployed, and what a start of it loads. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished, vi } from 'vitest'
import { buildWorker } from '../../demo/build-worker.ts'
import { makeFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The most that the script that a start loads may have in gzip, in KB. It is the same for each transport. */
const LIMIT = 50

/** What is deployed beside each. */
const ALWAYS = [
  'answer-operator.js',
  'answer-server.js',
  'check-forms.js',
  'check-robots.js',
  'maintenance.js',
  'disposable-domains.js',
  'move-leads.js',
  'open-data-keys.js',
  'screen-posts.js',
  'upgrade-tables.js',
  'bound-leads.js',
  'count-leads.js',
  'send-alerts.js',
  'heartbeat.js',
]

/** Part of the code of each transport, by its module. */
const CALLS = { 'rest-transport.js': '/rest/v1/leads', 'soap-transport.js': 'mktowsUserId' }

/**
 * Declares the test.
 *
 * @param transport value of `MARKETO_TRANSPORT` at the build; empty for both transports
 * @param transports modules of the transports that the Worker then has
 */
export function workerBuildTest(transport: '' | 'rest' | 'soap', transports: readonly (keyof typeof CALLS)[]): void {
  it(`the Worker can be deployed with MARKETO_TRANSPORT=${transport}, and no start loads a transport or more than a small script`, async () => {
    const out = makeFolder()
    const script = join(out, 'worker.js')

    if (transport === '') {
      execFileSync('npx', ['wrangler', 'deploy', '--dry-run', '--outdir', out], {
        cwd: ROOT,
        env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
        stdio: 'pipe',
      })
    } else {
      vi.stubEnv('MARKETO_TRANSPORT', transport)
      onTestFinished(() => void vi.unstubAllEnvs())
      await buildWorker(out)
    }

    const bundle = readFileSync(script)
    expect(bundle.includes('LeadOutbox')).toBe(true)
    expect(Object.values(CALLS).filter((part) => bundle.includes(part))).toEqual([])
    const size = gzipSync(bundle).byteLength
    // What a start does not load is deployed beside it.
    const later = readdirSync(out).filter((file) => file.endsWith('.js') && file !== 'worker.js')
    const sizes = [
      ['', size],
      ...later.map((file) => [`, later ${file}`, gzipSync(readFileSync(join(out, file))).byteLength]),
    ]
    const shown = sizes.map(([name, bytes]) => `${name} ${(Number(bytes) / 1024).toFixed(1)} KB`).join('')
    process.stderr.write(`The Worker's script ${transport}:${shown} in gzip\n`)
    expect(later.toSorted()).toEqual([...ALWAYS, ...transports].toSorted())
    for (const name of transports) expect(readFileSync(join(out, name), 'utf8')).toContain(CALLS[name])
    expect(bundle.toString().match(/\bimport(?!\()[^;]*?"\.\/[^"]*"/g)).toBeNull()
    expect(size).toBeLessThanOrEqual(LIMIT * 1024)
  }, 180_000)
}
