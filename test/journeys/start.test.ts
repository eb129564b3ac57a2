/** The commands that start the demo. */
import { expect, it } from 'vitest'
import { makeFolder } from '../support/folder.ts'
import { endNpmRun } from '../support/npm-run.ts'
import { startProgram } from '../support/process.ts'
import { FREE, startDemoTest } from './start-demo.ts'

startDemoTest('start', [])

it('npm run start says which option is unknown', async () => {
  const demo = await startProgram(['demo/start.ts', '--soap'], FREE, /unknown option: --soap; use --rest/)

  expect(demo.ready[0]).toContain('unknown option')
})

it.runIf(process.platform === 'linux')(
  'npm run start ends all servers when npm gets SIGTERM',
  async () => {
    const env = { ...FREE, FORM_SYNC_DATA: makeFolder(), HOME: makeFolder() }

    const { ran } = await endNpmRun(['start', '--', '--built'], env, 'Ctrl+C stops the demo')

    expect(ran).toBeGreaterThan(1)
  },
  30_000,
)
