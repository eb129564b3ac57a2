/** Leads that fill out a Marketo form: what is sent, and what follows where an answer says little or was lost. */
import { describe, expect, it, vi } from 'vitest'
import type { DeliveryContext } from '../../../../relay/delivery/transport.ts'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { CANARIES, COOKIE, failure, HOST, leadOf, skipped, startMarketo, success } from './fake.ts'

const VISIT = {
  pageURL: 'https://www.acme.example/pilot',
  queryString: 'utm_source=canary value',
  userAgentString: 'Browser/1',
  leadClientIpAddress: '203.0.114.7',
}
const ATTRIBUTES = [
  { name: 'FirstName', value: 'canary value' },
  { name: 'Hat__c', value: 'red' },
]
const ANA = leadOf('ana', { marketoForm: 1029, attributes: ATTRIBUTES })
const KEPT = {
  ...ANA,
  receipt: 'Form_Sync_Id__c',
  attributes: [...ATTRIBUTES, { name: 'Form_Sync_Id__c', value: ANA.id }],
}

const SUBMIT = '/rest/v1/leads/submitForm.json'
const FIELDS = '/rest/asset/v1/form/1029/fields.json'
const PEOPLE = '/rest/v1/leads.json'

/** Permits each step, and counts them. */
function context(unanswered = 0): DeliveryContext & { steps: () => number } {
  let steps = 0
  return {
    unanswered,
    step(call) {
      steps += 1
      return call(10_000)
    },
    steps: () => steps,
  }
}

/** Starts a Marketo that answers by the path of a call. */
function start(
  answers: Partial<Record<typeof SUBMIT | typeof FIELDS | typeof PEOPLE, () => Response | Promise<Response>>>,
) {
  const marketo = startMarketo({ answer: ({ url }) => answers[url.pathname as typeof SUBMIT]?.() })
  return { ...marketo, paths: () => marketo.calls.map(({ method, url }) => `${method} ${url.pathname}${url.search}`) }
}

const silent = () => success([{ status: 'skipped' }])
const fieldsOf =
  (...names: string[]) =>
  () =>
    success([...names, 'Profiling'].map((id) => ({ id, dataType: 'text' })))
const told = (...values: unknown[]) => CANARIES.filter((canary) => JSON.stringify(values).includes(canary))

describe('a submission', () => {
  it('has the fields by their REST names, the program, the visit and the raw cookie, and nothing that is null', async () => {
    const lead: Lead = {
      ...ANA,
      program: 1044,
      cookie: COOKIE,
      visit: VISIT,
      attributes: [
        { name: 'SICCode', value: '0071' },
        { name: 'MarketoSocialGender', value: 'f' },
        { name: 'Topics__c', value: 'tides;winds' },
        { name: 'Unsubscribed', value: '1', type: 'boolean' },
        { name: 'Company', value: '' },
      ],
    }
    const { transport, bodies, paths, problems } = start({})

    const verdicts = await transport.deliver([lead])

    expect(verdicts).toEqual([{ kind: 'delivered', leadId: 700_001 }])
    expect(paths()).toEqual([`POST ${SUBMIT}`])
    expect(bodies()).toEqual([
      {
        formId: 1029,
        programId: 1044,
        input: [
          {
            leadFormFields: {
              sicCode: '0071',
              gender: 'f',
              Topics__c: 'tides;winds',
              unsubscribed: true,
              email: 'ana@acme.example',
            },
            visitorData: VISIT,
            cookie: COOKIE,
          },
        ],
      },
    ])
    expect(problems).toEqual([])
  })

  it('has neither program nor visit nor cookie where the lead has none', async () => {
    const { transport, bodies, problems } = start({})

    await transport.deliver([{ ...ANA, attributes: [] }])

    expect(bodies()).toEqual([{ formId: 1029, input: [{ leadFormFields: { email: 'ana@acme.example' } }] }])
    expect(problems).toEqual([])
  })

  it('has one lead, whatever it is asked for', async () => {
    const { transport, calls } = start({})

    const verdicts = await transport.deliver([ANA, { ...leadOf('ben'), marketoForm: 1029 }])

    const reason = 'leads of different partitions, lookup fields or Marketo forms need different calls'
    const verdict = { kind: 'failed', fault: 'batch', arrived: 'no', reason }
    expect(verdicts).toEqual([verdict, verdict])
    expect(calls).toEqual([])
    expect(transport.batchKey(ANA)).toBeNull()
  })
})

describe('a lead that is skipped without a reason', () => {
  it('is refused those attributes that its form lacks, by either name', async () => {
    const { transport, paths } = start({ [SUBMIT]: silent, [FIELDS]: fieldsOf('firstName', 'Email') })

    const verdicts = await transport.deliver([ANA], context())

    expect(verdicts).toEqual([{ kind: 'rejected', attributes: ['Hat__c'], reason: '1006 Field not found: Hat__c' }])
    expect(paths()).toEqual([`POST ${SUBMIT}`, `GET ${FIELDS}`])
  })

  it('costs one read of the fields in a minute, and another one later', async () => {
    const { transport, paths, wait } = start({ [SUBMIT]: silent, [FIELDS]: fieldsOf('FirstName', 'Email') })
    const asked = context()

    await transport.deliver([ANA], asked)
    await transport.deliver([ANA], asked)
    const early = asked.steps()
    wait(60_000)
    await transport.deliver([ANA], asked)

    expect([early, asked.steps()]).toEqual([1, 2])
    expect(paths().filter((path) => path === `GET ${FIELDS}`)).toHaveLength(2)
  })

  it.each([
    ['the address', fieldsOf('FirstName', 'Hat__c', 'Form_Sync_Id__c'), '1006 Field not found: Email'],
    ['the receipt', fieldsOf('FirstName', 'Hat__c', 'Email'), '1006 Field not found: Form_Sync_Id__c'],
  ])('is parked where its form lacks %s', async (_, fields, reason) => {
    const { transport } = start({ [SUBMIT]: silent, [FIELDS]: fields })

    expect(await transport.deliver([KEPT], context())).toEqual([{ kind: 'park', reason }])
  })

  it('is tried a few times where its form has every field', async () => {
    const { transport } = start({ [SUBMIT]: silent, [FIELDS]: fieldsOf('FirstName', 'Hat__c', 'Email') })

    expect(await transport.deliver([ANA], context())).toEqual([
      { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5, reason: 'skipped without a reason' },
    ])
  })

  it('is parked with the right that is missing, where the fields may not be read', async () => {
    const { transport } = start({ [SUBMIT]: silent, [FIELDS]: () => failure('603') })

    expect(await transport.deliver([ANA], context())).toEqual([
      {
        kind: 'park',
        reason:
          'it is not known why form 1029 skipped the lead: 603 Access denied (check the role of the API user and the allow-list)' +
          ' (the role of the API user needs the right "Read-Only Asset")',
      },
    ])
  })

  it.each<[string, () => Response, object]>([
    [
      'meets a limit',
      () => failure('606'),
      { kind: 'limited', limit: 'rate', waitMs: 20_000, reason: '606 Max rate limit exceeded' },
    ],
    [
      'fails',
      () => failure('611'),
      { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 20, reason: '611 System error' },
    ],
    [
      'is answered by a page',
      () => new Response('<p>canary value', { status: 502 }),
      {
        kind: 'failed',
        fault: 'lead',
        arrived: 'yes',
        maxAttempts: 20,
        reason: `HTTP 502 from ${HOST}: an HTML page`,
      },
    ],
  ])('is tried again where the read of the fields %s, without blame for the account', async (_, answer, expected) => {
    const { transport } = start({ [SUBMIT]: silent, [FIELDS]: answer })

    const verdicts = await transport.deliver([ANA], context())

    const reason = `it is not known why form 1029 skipped the lead: ${(expected as { reason: string }).reason}`
    expect(verdicts).toEqual([{ ...expected, reason }])
    expect(told(verdicts)).toEqual([])
  })

  it('is tried again where the limits leave no call for the read', async () => {
    const { transport, paths } = start({ [SUBMIT]: silent })

    const verdicts = await transport.deliver([ANA], { unanswered: 0, step: async () => undefined })

    const reason = 'it is not known why form 1029 skipped the lead: the limits leave no call now'
    expect(verdicts).toEqual([{ kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 20, reason }])
    expect(paths()).toEqual([`POST ${SUBMIT}`])
  })
})

describe('a reason that names the receipt', () => {
  it('parks the lead, which could not be told apart without it', async () => {
    const { transport } = start({ [SUBMIT]: () => success([skipped('1006', "Field 'Form_Sync_Id__c' not found")]) })

    expect(await transport.deliver([KEPT], context())).toEqual([
      { kind: 'park', reason: '1006 Field not found: Form_Sync_Id__c' },
    ])
  })
})

describe('a lead with a receipt whose last answer was lost', () => {
  const holder = (value: unknown) => () =>
    success([
      { id: 7, Form_Sync_Id__c: 'another' },
      { id: 8, Form_Sync_Id__c: value },
    ])

  it('is delivered where one read finds it, and is not submitted again', async () => {
    const { transport, paths, calls } = start({ [PEOPLE]: holder(KEPT.id) })
    const asked = context(1)

    const verdicts = await transport.deliver([KEPT], asked)

    expect(verdicts).toEqual([{ kind: 'delivered', leadId: 8 }])
    expect(paths()).toEqual([`POST ${PEOPLE}?_method=GET`])
    expect(calls[0]?.headers.get('Content-Type')).toBe('application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(calls[0]?.text))).toEqual({
      filterType: 'email',
      filterValues: 'ana@acme.example',
      fields: 'id,Form_Sync_Id__c',
    })
    expect(asked.steps()).toBe(1)
  })

  it.each([
    ['another value', holder('another')],
    ['no value', holder(null)],
    ['nobody', () => success([])],
    ['a result that is none', () => success()],
  ])('is submitted again, with its id in the receipt, where the read finds %s', async (_, answer) => {
    const { transport, paths, calls } = start({ [PEOPLE]: answer })

    const verdicts = await transport.deliver([KEPT], context(1))

    expect(verdicts).toEqual([{ kind: 'delivered', leadId: 700_001 }])
    expect(paths()).toEqual([`POST ${PEOPLE}?_method=GET`, `POST ${SUBMIT}`])
    expect(JSON.parse(calls[1]!.text)).toMatchObject({ input: [{ leadFormFields: { Form_Sync_Id__c: KEPT.id } }] })
  })

  it.each<[string, () => Response | Promise<Response>, object]>([
    [
      'is denied',
      () => failure('603'),
      { kind: 'park', reason: expect.stringContaining('"Read-Only Lead"') as string },
    ],
    [
      'has no such field',
      () => failure('1006', "Field 'Form_Sync_Id__c' not found"),
      { kind: 'park', reason: 'it is not known whether the lead has arrived: 1006 Field not found' },
    ],
    [
      'is lost, too',
      () => Promise.reject(new Error('canary value')),
      { kind: 'failed', fault: 'lead', arrived: 'yes', reason: expect.stringContaining('whether the lead') as string },
    ],
  ])('is not submitted where the read %s', async (_, answer, verdict) => {
    const { transport, paths } = start({ [PEOPLE]: answer })

    const verdicts = await transport.deliver([KEPT], context(2))

    expect(verdicts).toMatchObject([verdict])
    expect(paths()).toEqual([`POST ${PEOPLE}?_method=GET`])
    expect(told(verdicts)).toEqual([])
  })

  it('is not submitted where the limits leave no call for the read', async () => {
    const { transport, calls } = start({})

    const verdicts = await transport.deliver([KEPT], { unanswered: 1, step: async () => undefined })

    expect(verdicts).toMatchObject([{ kind: 'failed', fault: 'lead', arrived: 'yes' }])
    expect(calls).toEqual([])
  })

  it('takes no more time than one attempt, with the read', async () => {
    vi.useFakeTimers()
    try {
      const { transport } = start({ [SUBMIT]: () => new Promise(() => {}), [PEOPLE]: holder('another') })

      const verdicts = transport.deliver([KEPT], context(1))
      await vi.advanceTimersByTimeAsync(80_000)

      expect(await verdicts).toEqual([
        { kind: 'failed', fault: 'lead', arrived: 'maybe', reason: `no reply from ${HOST} within 80 s` },
      ])
    } finally {
      vi.useRealTimers()
    }
  })
})

it('no read is made before the first attempt, and none without a receipt', async () => {
  const first = start({})
  const without = start({})

  await first.transport.deliver([KEPT], context(0))
  await without.transport.deliver([ANA], context(1))

  expect([...first.paths(), ...without.paths()]).toEqual([`POST ${SUBMIT}`, `POST ${SUBMIT}`])
})

it('what the calls are told by contains neither a value nor a cookie, and their URLs contain no address', async () => {
  const words = `'canary value' and ${COOKIE}`
  const outcomes = await Promise.all(
    [failure('1003', words), failure('609', words), success([skipped('1001', words)]), failure('1013', words)].map(
      async (answer) => {
        const marketo = start({ [SUBMIT]: () => answer, [PEOPLE]: () => failure('1001', words) })
        const lead = { ...KEPT, email: 'canary@acme.example', cookie: COOKIE, visit: VISIT }
        const verdicts = [
          await marketo.transport.deliver([lead], context()),
          await marketo.transport.deliver([lead], context(1)),
        ]
        return [verdicts, marketo.calls.map(({ url }) => url.href)]
      },
    ),
  )

  expect(told(outcomes)).toEqual([])
})
