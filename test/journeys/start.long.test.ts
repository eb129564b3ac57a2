/** The command that starts the demo with the relay in workerd, whose script it builds; and the end of the demo with npm. */
import { expect, it } from 'vitest'
import { makeFolder } from '../support/folder.ts'
import { endNpmRun } from '../support/npm-run.ts'
import { FREE, startDemoTest } from './start-demo.ts'

startDemoTest('start:edge', ['--edge', '--rest'])

it.runIf(process.platform === 'linux')(
  'npm run start ends all servers when npm gets SIGTERM',
  async () => {
    const env = { ...FREE, FORM_SYNC_DATA: makeFolder(), HOME: makeFolder() }

    const { ran } = await endNpmRun(['start', '--', '--built'], env, 'Ctrl+C stops the demo')

    expect(ran).toBeGreaterThan(1)
  },
  30_000,
)
