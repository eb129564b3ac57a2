import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { accountFrom } from '../../../demo/simulator/account.ts'

const MAIN = fileURLToPath(new URL('../../../demo/simulator/main.ts', import.meta.url))

describe('the program', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints its address, answers there and exits with 0 on %s',
    async (signal) => {
      const program = start(['--port', '0'])
      const line = await program.line()

      const url = urlIn(line)
      const response = await fetch(`${url}/sim/limits`)
      program.process.kill(signal)
      const [exit] = (await once(program.process, 'exit')) as [number | null]

      expect(url).toMatch(/^http:\/\/localhost:\d+$/)
      expect(response.status).toBe(200)
      expect(exit).toBe(0)
    },
  )

  it('takes its port from the environment', async () => {
    const program = start([], { SIMULATOR_PORT: '0' })

    const line = await program.line()
    program.process.kill()

    expect(line).toMatch(/^simulator http:\/\/localhost:\d+\n/)
  })

  it('prints the settings of both APIs', async () => {
    const program = start(['--port', '0'])

    const text = await program.line()
    program.process.kill()

    const url = urlIn(text)
    expect(text).toContain(`SOAP  ${url}/soap/mktows/3_1   user id form-sync_demo, secret key demo-secret-key\n`)
    expect(text).toContain(`REST  ${url}/rest   client id form-sync-demo-client, client secret demo-client-secret\n`)
  })

  it('names the variables instead of a key and a secret that are not the demo’s', async () => {
    const program = start(['--port', '0'], { SIMULATOR_SECRET_KEY: 'key-4711', SIMULATOR_CLIENT_SECRET: 'secret-4711' })

    const text = await program.line()
    program.process.kill()

    expect(text).toContain('secret key as in SIMULATOR_SECRET_KEY\n')
    expect(text).toContain('client secret as in SIMULATOR_CLIENT_SECRET\n')
    expect(text).not.toContain('4711')
  })

  it.each(['x', '-1', '65536', ''])('rejects the port "%s" with a message', async (port) => {
    const program = start([`--port=${port}`])

    const [exit] = (await once(program.process, 'close')) as [number | null]

    expect(exit).toBe(2)
    expect(program.errors()).toContain(`not "${port}"`)
  })

  it.each([
    ['an unknown option', ['--prot', '1'], 2, '--prot'],
    ['an invalid site', ['--site', 'tidewater'], 2, 'not "tidewater"'],
    ['a configuration file that is not there', ['--config', 'none.json'], 2, 'none.json cannot be read (ENOENT)'],
    ['an address of another machine', ['--port', '0', '--host', '192.0.2.1'], 1, '192.0.2.1'],
  ])('exits with the documented code and a message for %s', async (_, words, code, reason) => {
    const program = start(words)

    const [exit] = (await once(program.process, 'close')) as [number | null]

    expect(exit).toBe(code)
    expect(program.errors()).toContain(reason)
  })

  it('prints its options with --help', async () => {
    const program = start(['--help'])
    const help = await program.line()

    const [exit] = (await once(program.process, 'close')) as [number | null]

    expect(exit).toBe(0)
    for (const word of ['--port', '--data', '--strict', 'SIMULATOR_USER_ID']) expect(help).toContain(word)
  })

  it('is strict with --strict', async () => {
    const program = start(['--port', '0', '--strict'])
    const url = urlIn(await program.line())

    const response = await fetch(`${url}/sim/strict`)
    program.process.kill()

    expect(await response.json()).toEqual({ strict: true })
  })

  it('restores people from its data folder after it was killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
    const first = start(['--port', '0', '--data', folder])
    const firstUrl = urlIn(await first.line())
    const visit = '_mchId=123-ABC-456&_mchTk=_mch-acme.example-1764000000000-54321&_mchHo=acme.example&_mchRu=/'
    await fetch(`${firstUrl}/webevents/visitWebPage?${visit}`, { method: 'POST' })

    first.process.kill('SIGKILL')
    await once(first.process, 'close')
    const second = start(['--port', '0'], { SIMULATOR_DATA: folder })
    const secondUrl = urlIn(await second.line())
    const leads = await (await fetch(`${secondUrl}/sim/leads`)).json()
    second.process.kill()
    await once(second.process, 'close')
    await rm(folder, { recursive: true })

    expect(leads).toMatchObject([{ id: 700001, activities: [{ type: 'visit', url: 'https://acme.example/' }] }])
  })
})

describe('the account', () => {
  it('is the demo account if the variables are unset or empty', () => {
    const account = accountFrom({ SIMULATOR_SECRET_KEY: '' })

    expect(account).toEqual({
      userId: 'form-sync_demo',
      secretKey: 'demo-secret-key',
      clientId: 'form-sync-demo-client',
      clientSecret: 'demo-client-secret',
      munchkinId: '123-ABC-456',
    })
  })

  it('is read from the environment', () => {
    const account = accountFrom({
      SIMULATOR_USER_ID: 'u',
      SIMULATOR_SECRET_KEY: 's',
      SIMULATOR_CLIENT_ID: 'c',
      SIMULATOR_CLIENT_SECRET: 't',
      SIMULATOR_MUNCHKIN_ID: '1',
    })

    expect(account).toEqual({ userId: 'u', secretKey: 's', clientId: 'c', clientSecret: 't', munchkinId: '1' })
  })
})

/** Returns the address in the first line of the output. */
function urlIn(output: string): string {
  return /^simulator (\S+)$/m.exec(output)?.[1] ?? ''
}

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
