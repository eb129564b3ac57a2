import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serveSimulator } from '../../../demo/simulator/serve.ts'
import { accountVariables } from '../../support/account-variables.ts'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'

const SOAP = {
  MARKETO_SOAP_ENDPOINT: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'a-secret-of-soap',
}
const FORM = {
  origins: ['https://www.acme.example'],
  fields: {
    Email: { type: 'email', required: true },
    sic: { attribute: 'SICCode' },
    call: { type: 'boolean', attribute: 'DoNotCall' },
  },
  workspace: 'Defalt',
}

interface Step {
  kind: string
  place: string
  change: string
  advice: string
}

function writeForms(form: object): string {
  const file = join(makeFolder(), 'forms.json')
  writeFileSync(file, JSON.stringify({ forms: { contact: form } }))
  return file
}

/** Runs the command with `--json` and returns its steps. */
function stepsOf(form: object, env: Record<string, string>): Step[] {
  const { stdout } = run(['migrate', '--forms', writeForms(form), '--json'], env)
  return (JSON.parse(stdout) as { steps: Step[] }).steps
}

describe('form-sync migrate', () => {
  it('lists variables, workspace, names, calls and campaigns, and writes nothing', () => {
    const file = writeForms(FORM)
    const before = [readFileSync(file, 'utf8'), statSync(file).mtimeMs]

    const { status, stdout } = run(['migrate', '--forms', file], SOAP)

    expect(status).toBe(0)
    expect(stdout).toContain('https://123-ABC-456.mktorest.com/rest')
    expect(stdout).toContain('MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET')
    expect(stdout).toContain('Write "partition": "Defalt" in its place')
    expect(stdout).toContain('SICCode is sicCode')
    expect(stdout).toContain('costs two calls in place of one')
    expect(stdout).toContain('"Fills Out Form"')
    expect(stdout).not.toContain(SOAP.MARKETO_SECRET_KEY)
    expect([readFileSync(file, 'utf8'), statSync(file).mtimeMs]).toEqual(before)
  })

  it.each<[string, object, Record<string, string>, string, string]>([
    ['keys of servers', FORM, { ...SOAP, FORM_SYNC_API_KEYS: 'x'.repeat(20) }, 'FORM_SYNC_API_KEYS', 'required'],
    ['a workspace', FORM, SOAP, 'contact.workspace', 'required'],
    ['the variables of SOAP', FORM, SOAP, Object.keys(SOAP).join(', '), 'required'],
    ['the cookie’s call', FORM, SOAP, 'contact.associate', 'note'],
  ])('has a step for %s', (_, form, env, place, kind) => {
    expect(stepsOf(form, env).find((step) => step.place === place)?.kind).toBe(kind)
  })

  it.each<[string, object, Record<string, string>, string]>([
    ['no workspace', { ...FORM, workspace: undefined }, SOAP, 'contact.workspace'],
    ['no cookies', { ...FORM, associate: 'never' }, SOAP, 'contact.associate'],
    ['no servers', FORM, SOAP, 'FORM_SYNC_API_KEYS'],
  ])('has no step where there is nothing to do: %s', (_, form, env, place) => {
    expect(stepsOf(form, env).some((step) => step.place === place)).toBe(false)
  })

  it('is about the variables and forms of one account', () => {
    const env = {
      MARKETO_SANDBOX_SOAP_ENDPOINT: SOAP.MARKETO_SOAP_ENDPOINT,
      MARKETO_SANDBOX_USER_ID: SOAP.MARKETO_USER_ID,
      MARKETO_SANDBOX_SECRET_KEY: SOAP.MARKETO_SECRET_KEY,
    }
    const file = writeForms({ ...FORM, account: 'sandbox' })

    const { stdout } = run(['migrate', '--forms', file, '--account', 'sandbox'], env)
    const other = run(['migrate', '--forms', file], env)

    expect(stdout).toContain('MARKETO_SANDBOX_CLIENT_ID, MARKETO_SANDBOX_CLIENT_SECRET')
    expect(stdout).toContain('contact.workspace')
    expect(other.stdout).not.toContain('contact.workspace')
  })

  it('asks an account of REST for its partitions, and compares the forms with it', async () => {
    const simulator = await serveSimulator({ port: 0 })
    onTestFinished(() => simulator.close())
    const env = {
      ...SOAP,
      ...accountVariables('rest', simulator.url),
    }
    const wrong = { ...FORM, fields: { ...FORM.fields, hat: { attribute: 'Hat__c' } } }

    const fits = await runAside(['migrate', '--forms', writeForms(FORM)], env)
    const fitsNot = await runAside(['migrate', '--forms', writeForms(wrong)], env)

    expect(fits.code).toBe(0)
    expect(fits.printed).toContain('Write "partition": "Default" in its place')
    expect(fits.printed).toContain('0 errors, 0 warnings in 1 form.')
    expect(fits.printed).not.toContain('It takes the place of MARKETO_SOAP_ENDPOINT')
    expect(fitsNot.code).toBe(1)
    expect(fitsNot.printed).toContain('Marketo has no field "Hat__c".')
  })

  it('exits with 2 for a forms file that cannot be read', () => {
    const { status, stderr } = run(['migrate', '--forms', 'nowhere.json'], SOAP)

    expect(status).toBe(2)
    expect(stderr).toContain('forms: the file cannot be read')
  })
})
