import { describe, expect, it } from 'vitest'
import { checkForms } from '../../../relay/check/check.ts'
import type { Finding } from '../../../relay/check/compare.ts'
import { createCheckMonitor } from '../../../relay/check/monitor.ts'
import type { Account } from '../../../relay/config/account.ts'
import { readForms, type Form } from '../../../relay/config/forms.ts'
import { createAlertMonitor, type LogEvent } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { ACCOUNT, openSimulator } from '../../demo/simulator/simulator-client.ts'
import { NOW } from '../../support/relay.ts'

const SOAP: Account = { ...ACCOUNT, endpoint: 'https://marketo.example/soap/mktows/3_1', transport: 'soap' }
const REST: Account = { ...ACCOUNT, endpoint: 'https://marketo.example', transport: 'rest' }
const ORIGINS = ['https://www.acme.example']
const EMAIL = { Email: { type: 'email', required: true } }

/** Reads a form of the configuration. The keys of a Marketo form are added as they are. */
function formOf(input: object, link: object = {}): Form {
  const problems: string[] = []
  const forms = readForms({ forms: { contact: { origins: ORIGINS, fields: EMAIL, ...input } } }, (place, problem) =>
    problems.push(`${place}: ${problem}`),
  )
  expect(problems).toEqual([])
  return { ...forms.get('contact')!, ...link }
}

/** Checks forms against a simulator. */
function checkUnderTest(account: Account = REST, answer?: (path: string) => Response | undefined) {
  const simulator = openSimulator()
  const options = {
    now: () => simulator.clock.now,
    timeout: 10_000,
    fetch: async (url: string, init: RequestInit) => {
      const { pathname, search } = new URL(url)
      return answer?.(pathname) ?? simulator.app.request(pathname + search, init)
    },
  }
  return { ...simulator, check: (...forms: Form[]) => checkForms(account, forms, options) }
}

const denied = () =>
  Response.json({ requestId: 'a#1', success: false, errors: [{ code: '603', message: 'Access denied' }] })

const RIGHT = formOf({
  fields: {
    ...EMAIL,
    first: { attribute: 'FirstName', maxLength: 40 },
    born: { attribute: 'dateOfBirth', type: 'date' },
    staff: { attribute: 'NumberOfEmployees', type: 'number' },
    berths: { attribute: 'Berths__c', type: 'choice', options: ['1', '10'] },
    calls: { attribute: 'DoNotCall', type: 'boolean' },
    topics: { attribute: 'Topics__c', type: 'choice', multiple: true, options: ['a', 'b'] },
    message: { attribute: 'Message__c', type: 'textarea' },
    site: { attribute: 'Website', type: 'url' },
  },
  constants: { LeadSource: 'Web', Unsubscribed: 'false' },
  capture: { utm_source: 'UTM_Source__c', page: 'Last_Landing_Page__c' },
})

describe.each([
  ['REST', REST],
  ['SOAP', SOAP],
])('the check over %s', (_, account) => {
  it('lets a configuration pass that fits', async () => {
    const { check } = checkUnderTest(account)

    expect(await check(RIGHT)).toEqual({ findings: [], notChecked: [] })
  })

  it.each([
    ['a field that is not there', { hat: { attribute: 'Hat__c' } }, 'missing', 'fields.hat', /Create the field/],
    ['a name with a letter missing', { a: { attribute: 'FirstNme' } }, 'misspelt', 'fields.a', /: "[fF]irstName"/],
    ['a name without its suffix', { a: { attribute: 'Topics' } }, 'misspelt', 'fields.a', /"Topics__c"/],
    ['the label of a field', { a: { attribute: 'Size of the pilot' } }, 'misspelt', 'fields.a', /"Pilot_Size__c"/],
    ['a read-only field', { a: { attribute: 'InferredCompany' } }, 'read-only', 'fields.a', /can be written/],
    ['a text for a number', { a: { attribute: 'Berths__c' } }, 'wrong-type', 'fields.a', /"type": "number"/],
    ['a text for a date', { a: { attribute: 'DateofBirth' } }, 'wrong-type', 'fields.a', /"type": "date"/],
    ['a text for a boolean', { a: { attribute: 'DoNotCall' } }, 'wrong-type', 'fields.a', /"type": "boolean"/],
    [
      'options that are no numbers',
      { a: { attribute: 'Berths__c', type: 'choice', options: ['1-3'] } },
      'wrong-type',
      'fields.a',
      /"type": "number"/,
    ],
    [
      'a text area for a short field',
      { a: { attribute: 'Harbour__c', type: 'textarea' } },
      'too-short',
      'fields.a',
      /"maxLength": 255/,
    ],
    [
      'options that are too long together',
      { a: { attribute: 'Topics__c', type: 'choice', multiple: true, options: ['x'.repeat(130), 'y'.repeat(130)] } },
      'too-short',
      'fields.a',
      /Shorten/,
    ],
  ])('finds %s, and says what to write', async (_case, fields, kind, place, advice) => {
    const { check } = checkUnderTest(account)

    const { findings } = await check(formOf({ fields: { ...EMAIL, ...fields } }))

    expect(findings).toEqual([expect.objectContaining({ severity: 'error', form: 'contact', kind, place })])
    expect(findings[0]?.advice).toMatch(advice)
  })

  it('warns of a name in another case, and compares the field that is meant', async () => {
    const { check } = checkUnderTest(account)

    const { findings } = await check(formOf({ fields: { ...EMAIL, a: { attribute: 'berths__C' } } }))

    expect(findings).toEqual([
      expect.objectContaining({ severity: 'warning', kind: 'misspelt', advice: 'Write "attribute": "Berths__c".' }),
      expect.objectContaining({ severity: 'error', kind: 'wrong-type' }),
    ])
  })

  it('compares the parts of a decision about tracking, with the longest that they can be', async () => {
    const { check } = checkUnderTest(account)

    const { findings } = await check(
      formOf({ consent: { decision: 'Berths__c', source: 'Harbour', time: 'DateofBirth', detail: 'Harbour__c' } }),
    )

    expect(findings.map(({ kind, place }) => [kind, place])).toEqual([
      ['wrong-type', 'consent.decision'],
      ['misspelt', 'consent.source'],
      ['too-short', 'consent.detail'],
    ])
  })

  it('compares constants and captured values too', async () => {
    const { check } = checkUnderTest(account)

    const { findings } = await check(
      formOf({ constants: { LeadSourc: 'Web', Berths__c: 'many' }, capture: { page: 'Landing__c' } }),
    )

    expect(findings.map(({ kind, place }) => [kind, place])).toEqual([
      ['misspelt', 'constants.LeadSourc'],
      ['wrong-type', 'constants.Berths__c'],
      ['missing', 'capture.page'],
    ])
  })

  it('reports that it could not be made, and no drift, when Marketo is not reached', async () => {
    const { check } = checkUnderTest(account, () => new Response('<html>', { status: 503 }))

    const { findings, notChecked } = await check(RIGHT)

    expect(findings).toEqual([])
    expect(notChecked).toEqual([{ what: 'fields', reason: expect.stringContaining('503') as string }])
  })
})

describe('the check over REST alone', () => {
  it('finds a lookup field that cannot be searched, and a partition that is not there', async () => {
    const { check } = checkUnderTest()
    const fields = { ...EMAIL, phone: { attribute: 'Phone', type: 'tel', required: true } }

    const { findings } = await check(formOf({ fields, lookup: 'phone', partition: 'Defalt' }))

    expect(findings.map(({ kind, place }) => [kind, place])).toEqual([
      ['unsearchable-lookup', 'lookup'],
      ['unknown-partition', 'partition'],
    ])
    expect(findings[0]?.advice).toContain('email')
    expect(findings[1]?.advice).toBe('Write "partition": "Default".')
  })

  it('finds a field that is not on the Marketo form, and warns of one that the Marketo form requires', async () => {
    const { check } = checkUnderTest()
    const fields = { mail: { attribute: 'email', type: 'email', required: true }, last: { attribute: 'lastName' } }
    const optional = {
      ...formOf({ fields }),
      fields: formOf({ fields }).fields.map((f) => ({ ...f, required: false })),
    }

    const stray = await check(formOf({ fields }, { marketoForm: 1030 }))
    const lax = await check({ ...optional, marketoForm: 1029 })

    expect(stray.findings).toEqual([
      expect.objectContaining({ severity: 'error', kind: 'not-on-marketo-form', place: 'fields.last' }),
    ])
    expect(lax.findings).toEqual([
      expect.objectContaining({ severity: 'warning', kind: 'required-on-marketo-form', place: 'fields.mail' }),
    ])
  })

  it('warns of a Marketo form that was never approved', async () => {
    const { check } = checkUnderTest()

    const draft = await check(formOf({}, { marketoForm: 1031 }))
    const approved = await check(formOf({}, { marketoForm: 1029 }))

    expect(draft.findings).toEqual([
      expect.objectContaining({ severity: 'warning', kind: 'marketo-form-is-draft', place: 'marketoForm' }),
    ])
    expect(approved.findings).toEqual([])
  })

  it('reports a missing right as such, and checks the rest', async () => {
    const { check } = checkUnderTest(REST, (path) => (path.startsWith('/rest/asset/') ? denied() : undefined))

    const report = await check(formOf({ fields: { ...EMAIL, a: { attribute: 'Hat__c' } } }, { marketoForm: 1029 }))

    expect(report.findings.map(({ kind }) => kind)).toEqual(['missing'])
    expect(report.notChecked).toEqual([
      { what: 'Marketo form 1029', reason: expect.stringContaining('"Read-Only Asset"') as string },
    ])
  })

  it('makes one call for the fields, and one or two for each further part that a form names', async () => {
    const { check, calls } = checkUnderTest()

    await check(RIGHT)
    const few = (await calls()).map(({ operation }) => operation)
    await check(formOf({ partition: 'Default', lookup: 'email' }, { marketoForm: 1029 }))
    const all = (await calls()).map(({ operation }) => operation)

    expect(few.toSorted()).toEqual(['describeLead', 'identity'])
    expect(all.slice(few.length).toSorted()).toEqual([
      'describeLead',
      'describeLead2',
      'getForm',
      'getFormFields',
      'getPartitions',
      'identity',
    ])
  })
})

describe('the check of a running relay', () => {
  const complete = { findings: [], notChecked: [] }
  const finding: Finding = {
    severity: 'error',
    kind: 'missing',
    form: 'contact',
    place: 'fields.a',
    problem: 'Marketo has no field "Hat__c".',
    advice: 'Create it.',
  }

  it('raises an alert when it finds an error, and resolves it', async () => {
    const events: LogEvent[] = []
    let at = NOW
    const reports = [{ ...complete, findings: [finding, finding] }, complete]
    const monitor = createCheckMonitor(
      async () => reports.shift()!,
      () => at,
      (event) => events.push(event),
    )
    const alerts = createAlertMonitor({
      outbox: createMemoryOutbox(),
      now: () => at,
      log: (event) => events.push(event),
      storageIssues: monitor.issues,
    })

    await monitor.run()
    await alerts.check()
    at += 3_600_000
    await monitor.run()
    await alerts.check()

    expect(events).toMatchObject([
      { event: 'checked', errors: 2, warnings: 0 },
      {
        event: 'alert',
        change: 'started',
        kind: 'drift',
        count: 2,
        reason: 'form contact, fields.a: Marketo has no field "Hat__c". Errors in all: 2; see form-sync check.',
      },
      { event: 'checked', errors: 0 },
      { event: 'alert', change: 'resolved', kind: 'drift' },
    ])
  })

  it('is shown and no issue when it could not be made', async () => {
    const report = { findings: [], notChecked: [{ what: 'fields', reason: '603 Access denied' }] }
    const monitor = createCheckMonitor(
      async () => report,
      () => NOW,
      () => {},
    )

    await monitor.run()

    expect(monitor.issues()).toEqual([])
    expect(monitor.state()).toMatchObject({ configuration: { errors: 0, notChecked: ['fields: 603 Access denied'] } })
  })

  it('keeps the issue of another relay until it has checked itself', async () => {
    const before = { kind: 'drift', count: 1, reason: 'form contact' } as const
    const monitor = createCheckMonitor(
      async () => complete,
      () => NOW,
      () => {},
      before,
    )

    const atStart = monitor.issues()
    await monitor.run()

    expect([atStart, monitor.issues()]).toEqual([[before], []])
  })

  it('keeps an error that a later check could not look for', async () => {
    const unread = { findings: [], notChecked: [{ what: 'fields', reason: 'HTTP 503' }] }
    const reports = [{ ...complete, findings: [finding] }, unread]
    const monitor = createCheckMonitor(
      async () => reports.shift()!,
      () => NOW,
      () => {},
    )

    await monitor.run()
    await monitor.run()

    expect(monitor.issues()).toMatchObject([{ kind: 'drift', count: 1 }])
  })
})
