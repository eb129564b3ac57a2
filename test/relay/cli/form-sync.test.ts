import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import { COMMAND, run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { endNpmRun } from '../../support/npm-run.ts'
import { accountVariables } from '../../support/account-variables.ts'
import { startProgram } from '../../support/process.ts'
import { FORMS } from '../../support/relay.ts'

const ENV = {
  MARKETO_SOAP_ENDPOINT: 'http://127.0.0.1:9/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
  MUNCHKIN_ID: '123-ABC-456',
}
const ROOT = join(import.meta.dirname, '../../..')

/** Opens a connection without sending a request, as browsers do in advance. */
function openConnection(url: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => resolve(socket))
    socket.on('error', () => {})
  })
}

/** The head of a form of that length on a connection that is kept alive. */
const HEAD = (length: string) =>
  [
    'POST /f/plain HTTP/1.1',
    'Host: 127.0.0.1',
    'Origin: https://www.acme.example',
    'Accept: application/json',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n')

/** Opens a connection whose bytes the test sends itself. */
async function openExchange(url: string) {
  const socket = await openConnection(url)
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.setNoDelay().on('data', (chunk: Buffer) => (text += chunk.toString()))
  return {
    send: (part: string) => void socket.write(part),
    received: () => text,
    until: (words: RegExp) => vi.waitFor(() => expect(text).toMatch(words), { timeout: 10_000, interval: 5 }),
    closed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
  }
}

function writeForms(forms: unknown = FORMS): { folder: string; file: string } {
  const folder = makeFolder()
  const file = join(folder, 'forms.json')
  writeFileSync(file, JSON.stringify(forms))
  return { folder, file }
}

describe('form-sync', () => {
  it.each([
    ['no arguments', []],
    ['--help', ['--help']],
  ])('prints its help: %s', (_, words) => {
    const { status, stdout } = run(words)

    expect(status).toBe(0)
    expect(stdout).toContain('Usage: form-sync <command>')
    expect(stdout).toMatch(/serve +Run the relay/)
    expect(stdout).toMatch(/simulator +Run a Marketo/)
  })

  it('prints its version, which is that of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

    expect(run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it.each(['init', 'serve', 'page', 'lead', 'check', 'doctor', 'import', 'migrate', 'parked', 'replay'])(
    'prints the help of %s in 80 columns, with its exit codes',
    (name) => {
      const { status, stdout, stderr } = run([name, '--help'])

      expect([status, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(new RegExp(`^Usage: form-sync ${name}`))
      expect(stdout).toMatch(/\n\nExamples:\n {2}form-sync .*\n\nExit codes:\n {2}0 {2}/s)
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    },
  )

  it('prints the help of serve with every variable', () => {
    const { status, stdout } = run(['serve', '--help'])

    expect(status).toBe(0)
    const documented =
      readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8').match(/(?<=^\| (?:`\w+`, )*`)[A-Z][A-Z0-9_]{3,}(?=`)/gm) ?? []
    expect(documented.length).toBeGreaterThan(10)
    expect(documented.filter((name) => !stdout.includes(name))).toEqual([])
  })

  it.each([
    [
      'an unknown command',
      ['srve'],
      'unknown command "srve"; did you mean serve? allowed are init, serve, token, page, simulator, check, doctor, import, migrate, lead, status, show, edit, waiting, parked, replay, held, release, hold, discard, retry, find, erase, audit, encrypt, export',
    ],
    ['a command named like a property of objects', ['toString'], 'unknown command "toString"'],
    [
      'an unknown option',
      ['serve', '--prot', '1'],
      'unknown option: --prot; did you mean --port? allowed are --forms, --data, --port, --host',
    ],
    ['an invalid port', ['serve', '--port', '99999'], 'the port must be a whole number from 0 to 65535'],
  ])('exits with 2 for %s', (_, words, message) => {
    const { status, stderr } = run(words, ENV)

    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('form-sync lead', () => {
  it('creates a person and prints Marketo’s result', async () => {
    const simulator = await serveSimulator({ port: 0 })
    onTestFinished(() => simulator.close())
    const env = {
      MARKETO_SOAP_ENDPOINT: `${simulator.url}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
    }
    const lead = (...words: string[]) => runAside(['lead', ...words], env)

    const created = await lead('--email', 't@t.com', 'FirstName=George', 'LastName=of the Jungle')
    const updated = await lead('--email', 't@t.com', '--json')
    const rejected = await lead('--email', 't@t.com', 'Nope=1')

    const people = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]
    const [george] = people
    expect(created).toEqual({ code: 0, printed: `CREATED · lead ${george?.id}\n` })
    expect(JSON.parse(updated.printed)).toMatchObject({ status: 'UPDATED', leadId: george?.id })
    expect(rejected).toEqual({ code: 1, printed: expect.stringContaining('20105') as string })
    expect(people).toHaveLength(1)
    expect(george?.attributes).toMatchObject({ FirstName: 'George', LastName: 'of the Jungle' })
  })

  it('prints the same over REST, and says what to use in place of what REST lacks', async () => {
    const simulator = await serveSimulator({ port: 0 })
    onTestFinished(() => simulator.close())
    const env = {
      ...accountVariables('rest', simulator.url),
    }
    const lead = (...words: string[]) => runAside(['lead', ...words], env)

    const created = await lead('--email', 't@t.com', 'FirstName=George', '--return-lead')
    const updated = await lead('--email', 't@t.com', '--json')
    const refused = await lead('--email', 't@t.com', 'Nope=1')
    const lacking = await lead('--email', 't@t.com', '--workspace', 'Europe')

    const [george] = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]
    expect(created.code).toBe(0)
    expect(created.printed).toMatch(
      new RegExp(`^CREATED · lead ${george?.id}\n  Id .*\n  Email +t@t.com\n  FirstName +George\n$`),
    )
    expect(JSON.parse(updated.printed)).toEqual({
      leadId: george?.id,
      status: 'UPDATED',
      error: null,
      leadRecord: null,
    })
    expect(refused).toEqual({ code: 1, printed: expect.stringMatching(/^FAILED · 1006 .*Nope/) as string })
    expect(lacking).toEqual({ code: 2, printed: expect.stringContaining('use partition') as string })
  })

  it.each([
    ['an argument without =', ['lead', '--email', 't@t.com', 'George'], '"George" is not an attribute'],
    ['no key', ['lead', 'FirstName=George'], 'a key is missing'],
  ])('exits with 2 for %s', (_, words, message) => {
    const { status, stderr } = run(words, ENV)

    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })

  it('calls the simulator on this machine with --simulator, also where the variables name another Marketo', async () => {
    const simulator = await serveSimulator({ port: 0 })
    onTestFinished(() => simulator.close())

    const words = ['lead', '--simulator', '--email', 't@t.com', 'FirstName=George']
    const created = await runAside(words, { ...ENV, SIMULATOR_PORT: new URL(simulator.url).port })

    const [george] = (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]
    expect(created).toEqual({ code: 0, printed: `CREATED · lead ${george?.id}\n` })
  })

  it('exits with 2 and names the missing variables', () => {
    const { status, stderr } = run(['lead', '--email', 't@t.com'])

    expect(status).toBe(2)
    expect(stderr).toContain('MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET: are not set')
  })
})

describe('form-sync simulator', () => {
  it('runs the simulator until SIGTERM', async () => {
    const simulator = await startProgram([COMMAND, 'simulator', '--port', '0'], {}, /http:\/\/localhost:\d+/)
    onTestFinished(() => void simulator.end('SIGKILL'))

    const limits = await (await fetch(`${simulator.ready[0]}/sim/limits`)).json()
    const code = await simulator.end('SIGTERM')

    expect(limits).toMatchObject({ daily: 10_000 })
    expect(code).toBe(0)
  })
})

describe('form-sync serve', () => {
  it('exits with 2 and lists all problems', () => {
    const { file, folder } = writeForms({ forms: {} })

    const { status, stderr } = run(['serve', '--forms', file, '--data', folder, '--port', '0'], {
      MARKETO_USER_ID: 'acme_1',
    })

    expect(status).toBe(2)
    expect(stderr).toMatch(/^The relay cannot start:\n {2}- MARKETO_SOAP_ENDPOINT: .*\n {2}- MARKETO_SECRET_KEY: /)
    expect(stderr).toContain('- forms: must define at least one form')
  })

  it('lists a missing forms file, with the variable that names it, among the other problems', () => {
    const { status, stderr } = run(['serve', '--forms', 'nowhere.json', '--port', '0'], { MUNCHKIN_ID: 'acme' })

    expect(status).toBe(2)
    expect(stderr).toContain('- MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET: are not set')
    expect(stderr).toContain('- MUNCHKIN_ID: must look like 123-ABC-456')
    expect(stderr).toContain('- forms: the file cannot be read; FORM_SYNC_FORMS or --forms names it')
  })

  it('takes no request after SIGTERM on an open connection, and finishes those that it has begun', async () => {
    const { file, folder } = writeForms()
    const words = ['serve', '--forms', file, '--data', join(folder, 'data'), '--port', '0', '--host', '127.0.0.1']
    const relay = await startProgram([COMMAND, ...words], ENV, /listens at (\S+)/)
    onTestFinished(() => void relay.end('SIGKILL'))
    const connect = () => openExchange(relay.ready[1] ?? '')
    const [idle, begun, late] = [await connect(), await connect(), await connect()]
    const [head, body] = [HEAD('12'), 'Email=a@b.co']
    idle.send(HEAD('12') + body)
    await idle.until(/"ok":true/)
    begun.send(head + body.slice(0, 5))
    late.send(head.slice(0, 20))
    // The relay has read what was sent before this.
    await fetch(`${relay.ready[1]}/healthz`)

    const code = relay.end('SIGTERM')
    await vi.waitFor(() => expect(relay.printed()).toContain('stopping'), { timeout: 10_000, interval: 5 })
    await idle.closed
    late.send(head.slice(20) + body)
    await late.closed
    begun.send(body.slice(5))
    await begun.closed

    expect(idle.received()).toMatch(/^HTTP\/1\.1 202 [^]*"ok":true\S+$/)
    expect(late.received()).toMatch(/^HTTP\/1\.1 503 /)
    expect(late.received()).toMatch(/^connection: close\r$/im)
    expect(late.received()).toMatch(/^retry-after: 5\r$/im)
    expect(begun.received()).toMatch(/^HTTP\/1\.1 202 /)
    expect(begun.received()).toMatch(/^connection: close\r$/im)
    expect(await code).toBe(0)
    expect(relay.printed().match(/"event":"accepted"/g)).toHaveLength(2)
  }, 20_000)

  it.runIf(process.platform === 'linux')(
    'D17: finishes its work and ends when the npm run that started it gets SIGTERM',
    async () => {
      const { file, folder } = writeForms()
      const words = ['serve', '--forms', file, '--data', join(folder, 'data'), '--port', '0', '--host', '127.0.0.1']
      // As in README.md.
      const { printed, ran } = await endNpmRun(['form-sync', '--', ...words], { HOME: folder, ...ENV }, 'listens at')

      expect(ran).toBeGreaterThan(1)
      expect(printed).toContain('"event":"stopped"')
    },
    30_000,
  )

  it('cannot use the folder of a running relay whose lock file was deleted', async () => {
    const { file, folder } = writeForms()
    const data = join(folder, 'data')
    const words = ['serve', '--forms', file, '--data', data, '--port', '0', '--host', '127.0.0.1']
    const relay = await startProgram([COMMAND, ...words], ENV, /listens at (\S+)/)
    onTestFinished(() => void relay.end('SIGKILL'))
    rmSync(join(data, 'relay.lock'))

    const others = [run(words, ENV), run(words, ENV)]
    const alive = await fetch(`${relay.ready[1]}/readyz`)

    expect(others.map(({ status }) => status)).toEqual([1, 1])
    for (const { stderr } of others) expect(stderr).toContain('relay.lock was deleted, and another relay may still use')
    expect(alive.status).toBe(200)
  }, 15_000)

  it('runs until SIGTERM, and a second relay cannot use its folder', async () => {
    const { file, folder } = writeForms()
    const words = ['serve', '--forms', file, '--data', join(folder, 'data'), '--port', '0', '--host', '127.0.0.1']
    const relay = await startProgram([COMMAND, ...words], ENV, /listens at (\S+)/)
    onTestFinished(() => void relay.end('SIGKILL'))

    const alive = await fetch(`${relay.ready[1]}/healthz`)
    const widget = await fetch(`${relay.ready[1]}/form-sync.js`)
    const second = run(words, ENV)
    const unfinished = await openConnection(relay.ready[1] ?? '')
    onTestFinished(() => void unfinished.destroy())
    const code = await relay.end('SIGTERM')

    expect(alive.status).toBe(200)
    expect(widget.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(second.status).toBe(1)
    expect(second.stderr).toContain('Another relay uses the folder')
    expect(code).toBe(0)
    expect(relay.printed()).toContain('"event":"stopped"')
  }, 15_000)
})
