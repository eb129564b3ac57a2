import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import { serve } from '../../../relay/runtime/node/serve.ts'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { askState, OPERATOR } from '../../support/operator.ts'

const ORIGIN = 'https://www.acme.example'
const EMAIL = { type: 'email', required: true }
const WRONG = { contact: { origins: [ORIGIN], fields: { Email: EMAIL, first: { attribute: 'FirstNme' } } } }

function writeForms(forms: object): string {
  const file = join(makeFolder(), 'forms.json')
  writeFileSync(file, JSON.stringify({ forms }))
  return file
}

async function startMarketo() {
  const simulator = await serveSimulator({ port: 0 })
  onTestFinished(() => simulator.close())
  const { url } = simulator
  return {
    url,
    rest: {
      MARKETO_REST_ENDPOINT: `${url}/rest`,
      MARKETO_CLIENT_ID: DEMO_ACCOUNT.clientId,
      MARKETO_CLIENT_SECRET: DEMO_ACCOUNT.clientSecret,
    },
    soap: {
      MARKETO_SOAP_ENDPOINT: `${url}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
    },
  }
}

describe('form-sync check', () => {
  it.each(['rest', 'soap'] as const)('prints form, field, problem and what to write, over %s', async (transport) => {
    const marketo = await startMarketo()
    const right = transport === 'rest' ? 'firstName' : 'FirstName'

    const { code, printed } = await runAside(['check', '--forms', writeForms(WRONG)], marketo[transport])

    expect(code).toBe(1)
    expect(printed).toBe(
      [
        'Form contact',
        'error         fields.first',
        `              Marketo has no field "FirstNme"; it has "${right}".`,
        `              Write "attribute": "${right}".`,
        '',
        '1 error, 0 warnings in 1 form.',
        '',
      ].join('\n'),
    )
  })

  it('prints JSON, and exits with 0 for a configuration that fits', async () => {
    const { rest } = await startMarketo()
    const file = writeForms({ contact: { origins: [ORIGIN], fields: { Email: EMAIL } } })

    const { code, printed } = await runAside(['check', '--forms', file, '--json'], rest)

    expect(code).toBe(0)
    expect(JSON.parse(printed)).toEqual({ findings: [], notChecked: [] })
  })

  it('exits with 1 and the reason when the fields cannot be read', async () => {
    const { rest } = await startMarketo()
    const env = { ...rest, MARKETO_CLIENT_SECRET: 'a-wrong-secret' }

    const { code, printed } = await runAside(['check', '--forms', writeForms(WRONG)], env)

    expect(code).toBe(1)
    expect(printed).toMatch(/^not checked +fields: .*check MARKETO_CLIENT_ID and MARKETO_CLIENT_SECRET/)
    expect(printed).not.toContain('a-wrong-secret')
  })

  it('checks the forms of each account against it, or those of one', async () => {
    const [first, sandbox] = [await startMarketo(), await startMarketo()]
    const env = {
      ...first.rest,
      MUNCHKIN_ID: '123-ABC-456',
      MARKETO_SANDBOX_REST_ENDPOINT: sandbox.rest.MARKETO_REST_ENDPOINT,
      MARKETO_SANDBOX_CLIENT_ID: sandbox.rest.MARKETO_CLIENT_ID,
      MARKETO_SANDBOX_CLIENT_SECRET: 'a-wrong-secret',
    }
    const file = writeForms({ ...WRONG, trial: { origins: [ORIGIN], account: 'sandbox', fields: { Email: EMAIL } } })

    const all = await runAside(['check', '--forms', file, '--json'], env)
    const one = await runAside(['check', '--forms', file, '--json', '--account', 'default'], env)
    const none = await runAside(['check', '--forms', file, '--account', 'other'], env)

    const report = JSON.parse(all.printed) as { findings: { form: string }[]; notChecked: { what: string }[] }
    expect(report.findings.map(({ form }) => form)).toEqual(['contact'])
    expect(report.notChecked.map(({ what }) => what)).toEqual(['account sandbox, fields'])
    expect(JSON.parse(one.printed)).toMatchObject({ notChecked: [] })
    expect(none).toEqual({ code: 2, printed: expect.stringContaining('allowed are default, sandbox') as string })
  })

  it('exits with 2 for a wrong configuration', () => {
    const { status, stderr } = run(['check', '--forms', 'nowhere.json'])

    expect(status).toBe(2)
    expect(stderr).toContain('MARKETO_REST_ENDPOINT')
    expect(stderr).toContain('- forms: the file cannot be read')
  })
})

describe('a relay that checks its configuration', () => {
  it('reports drift in /readyz, and accepts and delivers visitors’ forms all the same', async () => {
    const { rest, url } = await startMarketo()
    const events: string[] = []
    const relay = await serve({
      env: { ...rest, ...OPERATOR, MUNCHKIN_ID: DEMO_ACCOUNT.munchkinId },
      forms: writeForms(WRONG),
      data: join(makeFolder(), 'data'),
      port: 0,
      host: '127.0.0.1',
      log: ({ event }) => events.push(event),
      checks: { after: 0, every: 3_600_000 },
    })
    onTestFinished(() => relay.close())
    await vi.waitFor(() => expect(events).toContain('checked'), { timeout: 10_000, interval: 5 })

    const ready = (await (await askState(relay.url)).json()) as object
    const response = await fetch(`${relay.url}/f/contact`, {
      method: 'POST',
      headers: { origin: ORIGIN, accept: 'application/json' },
      body: new URLSearchParams({ Email: 'ana@acme.example' }),
    })

    expect(ready).toMatchObject({
      ready: true,
      state: 'drift',
      issues: [{ kind: 'drift', count: 1, reason: expect.stringContaining('FirstNme') as string }],
      configuration: { errors: 1, warnings: 0, notChecked: [] },
    })
    expect(response.status).toBe(202)
    await vi.waitFor(
      async () => {
        const people = (await (await fetch(`${url}/sim/leads`)).json()) as PersonView[]
        expect(people).toMatchObject([{ email: 'ana@acme.example' }])
      },
      { timeout: 10_000, interval: 50 },
    )
  })
})
