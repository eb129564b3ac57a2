import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import { accountVariables } from '../../support/account-variables.ts'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'

async function startMarketo() {
  const simulator = await serveSimulator({ port: 0 })
  onTestFinished(() => simulator.close())
  return {
    ...accountVariables('rest', simulator.url),
    MUNCHKIN_ID: DEMO_ACCOUNT.munchkinId,
  }
}

describe('form-sync import', () => {
  it('prints an entry and HTML that fit: the forms file passes the check', async () => {
    const env = await startMarketo()
    const words = ['import', '--form', '1029', '--origin', 'https://www.acme.example', '--name', 'pilot']

    const text = await runAside(words, env)
    const json = await runAside([...words, '--json'], env)
    const { name, form, html } = JSON.parse(json.printed) as { name: string; form: object; html: string }
    const file = join(makeFolder(), 'forms.json')
    writeFileSync(file, JSON.stringify({ forms: { [name]: form } }))
    const checked = await runAside(['check', '--forms', file], env)

    expect([text.code, json.code, checked.code]).toEqual([0, 0, 0])
    expect(checked.printed).toBe('0 errors, 0 warnings in 1 form.\n')
    expect(text.printed).toContain('"pilot": {')
    expect(text.printed).toContain(html)
    expect(html).toContain('<label>First Name <input name="FirstName" autocomplete="given-name" /></label>')
    expect(form).toMatchObject({ marketoForm: 1029, fields: { Email: { type: 'email', required: true } } })
  })

  it('names the account that it was asked for', async () => {
    const env = await startMarketo()
    const sandbox = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [`MARKETO_SANDBOX_${name.replace('MARKETO_', '')}`, value]),
    )

    const { printed } = await runAside(['import', '--form', '1030', '--account', 'sandbox', '--json'], sandbox)

    expect(JSON.parse(printed)).toMatchObject({ form: { account: 'sandbox', marketoForm: 1030 } })
  })

  it('exits with 1 for a form that is not there', async () => {
    const { code, printed } = await runAside(['import', '--form', '77'], await startMarketo())

    expect(code).toBe(1)
    expect(printed).toBe('form-sync import: there is no Marketo form 77\n')
  })

  it.each([
    ['no id', ['import'], '--form must be the id'],
    ['no account', ['import', '--form', '1'], 'MARKETO_REST_ENDPOINT'],
  ])('exits with 2 for %s', (_, words, message) => {
    const { status, stderr } = run(words)

    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })
})
