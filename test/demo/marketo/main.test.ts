import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { accountFrom } from '../../../demo/marketo/account.ts'

const MAIN = fileURLToPath(new URL('../../../demo/marketo/main.ts', import.meta.url))

describe('the program', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('prints its address, answers there and ends well on %s', async (signal) => {
    const program = start(['--port', '0'])
    const line = await program.line()

    const url = line.replace(/^simulator /, '').trim()
    const response = await fetch(`${url}/sim/limits`)
    program.process.kill(signal)
    const [exit] = (await once(program.process, 'exit')) as [number | null]

    expect(url).toMatch(/^http:\/\/localhost:\d+$/)
    expect(response.status).toBe(200)
    expect(exit).toBe(0)
  })

  it('takes its port from the environment', async () => {
    const program = start([], { SIMULATOR_PORT: '0' })

    const line = await program.line()
    program.process.kill()

    expect(line).toMatch(/^simulator http:\/\/localhost:\d+\n$/)
  })

  it.each(['x', '-1', '65536', ''])('refuses the port "%s" and says so', async (port) => {
    const program = start([`--port=${port}`])

    const [exit] = (await once(program.process, 'close')) as [number | null]

    expect(exit).toBe(1)
    expect(program.errors()).toContain(`not "${port}"`)
  })
})

describe('the account', () => {
  it('is the demo’s where nothing is set, or set to nothing', () => {
    const account = accountFrom({ SIMULATOR_SECRET_KEY: '' })

    expect(account).toEqual({ userId: 'form-sync_demo', secretKey: 'demo-secret-key', munchkinId: '123-ABC-456' })
  })

  it('is what the environment says', () => {
    const account = accountFrom({ SIMULATOR_USER_ID: 'u', SIMULATOR_SECRET_KEY: 's', SIMULATOR_MUNCHKIN_ID: '1' })

    expect(account).toEqual({ userId: 'u', secretKey: 's', munchkinId: '1' })
  })
})

function start(parameters: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...parameters], { env: { ...process.env, ...environment } })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  return {
    process: child,
    errors: () => errors,
    line: async () => {
      const [text] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
      return text
    },
  }
}
