import { describe, expect, it, onTestFinished } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import { accountVariables } from '../../support/account-variables.ts'
import { run, runAside } from '../../support/command.ts'

async function startMarketo() {
  const simulator = await serveSimulator({ port: 0 })
  onTestFinished(() => simulator.close())
  return {
    people: async () => (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[],
    env: {
      ...accountVariables('rest', simulator.url),
      MUNCHKIN_ID: DEMO_ACCOUNT.munchkinId,
    },
  }
}

describe('form-sync doctor', () => {
  it('prints what it has seen and what nobody knows, and exits with 0', async () => {
    const { env, people } = await startMarketo()

    const { code, printed } = await runAside(['doctor', '--forms', 'nowhere.json'], env)

    expect(code).toBe(0)
    expect(printed).toMatch(/^ok {12}address: localhost:\d+ answers/)
    expect(printed).toContain('ok            right Read-Write Lead: Marketo takes leads. None was sent.\n')
    expect(printed).toContain('Please tell us')
    expect(printed).toMatch(/\n0 errors, 0 warnings over REST\.\n$/)
    expect(await people()).toEqual([])
  })

  it('creates the person of --lead and prints the id', async () => {
    const { env, people } = await startMarketo()

    const { printed } = await runAside(['doctor', '--lead', 'test@acme.example', '--json'], env)

    const [person] = await people()
    expect(JSON.parse(printed)).toMatchObject({ transport: 'rest', leadId: person?.id })
  })

  it('examines another account by its own variables', async () => {
    const { env } = await startMarketo()
    const sandbox = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [`MARKETO_SANDBOX_${name.replace('MARKETO_', '')}`, value]),
    )

    const { code, printed } = await runAside(['doctor', '--account', 'sandbox'], sandbox)
    const without = await runAside(['doctor'], sandbox)

    expect(code).toBe(0)
    expect(printed).toContain('ok            credentials: ')
    expect(without.code).toBe(2)
  })

  it('exits with 1 for wrong credentials', async () => {
    const { env } = await startMarketo()

    const { code, printed } = await runAside(['doctor'], { ...env, MARKETO_CLIENT_SECRET: 'a-wrong-secret' })

    expect(code).toBe(1)
    expect(printed).toContain('error         credentials: ')
    expect(printed).not.toContain('a-wrong-secret')
  })

  it.each([
    ['no account', ['doctor'], 'MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET: are not set'],
    ['an address that is none', ['doctor', '--lead', 'ana'], '--lead must be an e-mail address'],
  ])('exits with 2 for %s', (_, words, message) => {
    const { status, stderr } = run(words)

    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })
})
