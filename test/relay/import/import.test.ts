import { describe, expect, it, onTestFinished } from 'vitest'
import { readForms } from '../../../relay/config/forms.ts'
import { convertForm } from '../../../relay/import/convert.ts'
import { nameFor, writeEntry } from '../../../relay/import/forms-entry.ts'
import { writeHtml } from '../../../relay/import/html.ts'
import { readMarketoForm } from '../../../relay/import/read-form.ts'
import { startBrowser } from '../../support/browser.ts'

const RELAY = 'https://forms.acme.example'
const ACCOUNT = { transport: 'rest', endpoint: 'https://marketo.example', clientId: 'c', clientSecret: 's' } as const
const field = (id: string, dataType: string, more: object = {}) => ({
  id,
  label: `${id}:`,
  dataType,
  required: false,
  rowNumber: 0,
  columnNumber: 0,
  visibilityRules: { ruleType: 'alwaysShow' },
  ...more,
})
const EMAIL = field('Email', 'email', { label: 'Email Address:', required: true })

/** Imports a form that Marketo's asset API returns with these fields. */
async function importForm(fields: object[], head: object = {}) {
  const found = await readMarketoForm(ACCOUNT, 1029, {
    now: Date.now,
    timeout: 10_000,
    fetch: async (url) => {
      if (url.includes('/identity/')) return Response.json({ access_token: 't', expires_in: 3599 })
      const result = url.endsWith('/fields.json')
        ? fields
        : [{ id: 1029, name: 'Pilot request', status: 'approved', buttonLabel: 'Send', ...head }]
      return Response.json({ requestId: 'a#1', success: true, errors: [], warnings: [], result })
    },
  })
  if (typeof found === 'string') throw new Error(found)
  const form = convertForm(found)
  const entry = writeEntry(form, { name: 'pilot', origins: ['https://www.acme.example'], marketoForm: 1029 })
  const problems: string[] = []
  const config = readForms(
    { forms: { pilot: entry } },
    (place, problem) => problems.push(`${place}: ${problem}`),
    () => 'rest',
  )
  return {
    ...form,
    entry: entry as Record<string, Record<string, object>>,
    problems,
    config,
    html: writeHtml(form, 'pilot', RELAY),
  }
}

// Types and shapes: Adobe's page "Forms", and the types of HashiCorp's package `marketo-form`.
const ALL = [
  field('FirstName', 'text', { label: 'First Name:', maxLength: 40 }),
  EMAIL,
  field('Phone', 'telephone'),
  field('Website', 'url'),
  field('Message__c', 'textArea', { maxLength: 2_000, hintText: 'Anything else?' }),
  field('Berths__c', 'number'),
  field('DateofBirth', 'date'),
  field('Pilot_Size__c', 'select', {
    required: true,
    fieldMetaData: {
      values: [
        { label: 'Select...', value: '', isDefault: true, selected: true },
        { label: 'Small', value: 's' },
        { label: 'Large', value: 'l' },
      ],
    },
  }),
  field('Topics__c', 'checkbox', {
    fieldMetaData: {
      values: [
        { label: 'Tides', value: 'tides' },
        { label: 'Surge', value: 'surge' },
      ],
    },
  }),
  field('Salutation', 'picklist', { picklistValues: 'Mr.::Mister,Ms.' }),
  field('DoNotCall', 'single_checkbox', { label: 'Do not call me' }),
  field('LeadSource', 'hidden', { autoFill: { value: 'Web', valueFrom: 'default' } }),
  field('UTM_Source__c', 'hidden', { autoFill: { value: '', valueFrom: 'urlParameter', parameterName: 'utm_source' } }),
  { id: 'Profiling', dataType: 'profiling', rowNumber: 9, columnNumber: 0 },
]

describe('the import of a Marketo form', () => {
  it('carries over labels, types, options, lengths, required and hidden fields, without a warning', async () => {
    const { entry, warnings, problems } = await importForm(ALL)

    expect(warnings).toEqual([])
    expect(problems).toEqual([])
    expect(entry.fields).toEqual({
      FirstName: { label: 'First Name', maxLength: 40 },
      Email: { type: 'email', label: 'Email Address', required: true },
      Phone: { type: 'tel' },
      Website: { type: 'url' },
      Message__c: { type: 'textarea', maxLength: 2_000 },
      Berths__c: { type: 'number' },
      DateofBirth: { type: 'date' },
      Pilot_Size__c: {
        type: 'choice',
        required: true,
        options: [
          { value: 's', label: 'Small' },
          { value: 'l', label: 'Large' },
        ],
      },
      Topics__c: {
        type: 'choice',
        multiple: true,
        options: [
          { value: 'tides', label: 'Tides' },
          { value: 'surge', label: 'Surge' },
        ],
      },
      Salutation: { type: 'choice', options: [{ value: 'Mr.', label: 'Mister' }, 'Ms.'] },
      DoNotCall: { type: 'boolean', label: 'Do not call me' },
    })
    expect(entry).toMatchObject({ constants: { LeadSource: 'Web' }, capture: { utm_source: 'UTM_Source__c' } })
  })

  it.each<[what: string, fields: object[], head: object, warning: RegExp]>([
    ['progressive profiling', [EMAIL], { progressiveProfiling: true }, /Progressive profiling/],
    ['a draft', [EMAIL], { status: 'draft' }, /draft/],
    [
      'rules for the page afterwards',
      [EMAIL],
      { thankYouList: [{ followupType: 'url', followupValue: 'https://a.example' }, { followupType: 'none' }] },
      /"thanks"/,
    ],
    [
      'a rule of visibility',
      [
        EMAIL,
        field('State', 'text', {
          visibilityRules: {
            ruleType: 'show',
            rules: [{ subjectField: 'Country', operator: 'is', values: ['US', 'CA'] }],
          },
        }),
      ],
      {},
      /State: Marketo shows it only when Country is US or CA\. The page here always shows it\./,
    ],
    ['a text', [EMAIL, field('HtmlText_1', 'htmltext')], {}, /HtmlText_1/],
    ['a group of fields', [EMAIL, field('Fieldset_1', 'fieldset')], {}, /Fieldset_1/],
    [
      'a cookie as the source',
      [EMAIL, field('City', 'hidden', { autoFill: { valueFrom: 'cookie' } })],
      {},
      /City .*cookie/,
    ],
    ['a hidden field without a value', [EMAIL, field('City', 'hidden')], {}, /City is hidden/],
    ['an unknown type', [EMAIL, field('City', 'hologram')], {}, /City has the type hologram/],
    ['a list without options', [EMAIL, field('City', 'select')], {}, /City has no options/],
    ['a repeated field', [EMAIL, field('City', 'text'), field('city', 'text')], {}, /twice/],
    ['a reserved name', [EMAIL, field('_id', 'text')], {}, /_id/],
    ['no e-mail field', [field('City', 'text')], {}, /e-mail/],
    ['an optional e-mail field', [field('Email', 'email')], {}, /optional/],
  ])('warns of %s, and stays a valid form', async (_, fields, head, warning) => {
    const { warnings, problems, config } = await importForm(fields, head)

    expect(warnings).toEqual([expect.stringMatching(warning)])
    expect(problems).toEqual([])
    expect(config.get('pilot')?.fields.some(({ attribute, required }) => attribute === 'Email' && required)).toBe(true)
  })

  it('takes the page afterwards if there is one for all', async () => {
    const { entry } = await importForm([EMAIL], {
      thankYouList: [{ followupType: 'url', followupValue: 'https://www.acme.example/thanks', default: true }],
    })

    expect(entry.thanks).toBe('https://www.acme.example/thanks')
  })

  it('writes HTML that renders, in which texts of Marketo are texts', { timeout: 30_000 }, async () => {
    const attack = '"><script>document.title = "broken"</script><b>&amp; x</b>'
    const { html } = await importForm(
      [
        ...ALL,
        field('City', 'text', { label: `City ${attack}`, hintText: attack }),
        field(`x"><img src=x onerror=alert(1)>`, 'text', { label: 'Odd' }),
        field('Harbour__c', 'select', {
          label: 'Harbour',
          fieldMetaData: { values: [{ label: attack, value: attack }] },
        }),
      ],
      { buttonLabel: attack },
    )
    const browser = await startBrowser()
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    await page.setContent(`<!doctype html><title>fine</title>${html.replace(/^<script.*\n/, '')}`)

    const labels = ['First Name', 'Email Address', 'Phone', 'Tides', 'Surge', 'Do not call me', 'Odd']
    for (const label of labels)
      expect([label, await page.getByLabel(label, { exact: true }).count()]).toEqual([label, 1])
    expect(await page.locator('img, form b, form script').count()).toBe(0)
    expect(await page.title()).toBe('fine')
    expect(await page.getByLabel('Pilot_Size__c').locator('option').allTextContents()).toEqual(['', 'Small', 'Large'])
    expect(await page.getByLabel('Harbour').locator('option').nth(1).getAttribute('value')).toBe(attack)
    expect(await page.locator('form').getAttribute('action')).toBe(`${RELAY}/f/pilot`)
    expect(await page.getByLabel('Email Address').getAttribute('required')).toBe('')
  })

  it.each([
    ['Pilot request', 'pilot-request'],
    ['  Über uns / Kontakt!', 'u-ber-uns-kontakt'],
    ['お問い合わせ', 'form-1029'],
  ])('makes a name for the address: %s', (name, expected) => {
    expect(nameFor(name, 1029)).toBe(expected)
  })

  it.each([
    ['603', /Read-Only Asset/],
    ['702', /there is no Marketo form 1029/],
  ])('says why a form cannot be read: %s', async (code, reason) => {
    const found = await readMarketoForm(ACCOUNT, 1029, {
      now: Date.now,
      timeout: 10_000,
      fetch: async (url) =>
        url.includes('/identity/')
          ? Response.json({ access_token: 't', expires_in: 3599 })
          : Response.json({ requestId: 'a#1', success: false, errors: [{ code, message: 'x' }] }),
    })

    expect(found).toMatch(reason)
  })
})
