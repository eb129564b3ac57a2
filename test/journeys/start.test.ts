/** The commands that start the demo. */
import { expect, it } from 'vitest'
import { startProgram } from '../support/process.ts'
import { FREE, startDemoTest } from './start-demo.ts'

startDemoTest('start', [])

it('npm run start says which option is unknown', async () => {
  const demo = await startProgram(['demo/start.ts', '--soap'], FREE, /unknown option: --soap; use --rest/)

  expect(demo.ready[0]).toContain('unknown option')
})
