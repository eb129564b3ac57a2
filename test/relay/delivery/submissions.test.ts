/**
 * Forms that fill out a Marketo form, and forms that write the newest of several people: posted to the relay, and delivered
 * to a simulated Marketo by REST.
 */
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSimulator } from '../../../demo/simulator/index.ts'
import { FIELDS } from '../../../demo/simulator/people/fields.ts'
import { FORMS, type Form } from '../../../demo/simulator/people/forms.ts'
import type { CallDetail, CallLine, PersonView } from '../../../demo/simulator/view.ts'
import { readConfig } from '../../../relay/config/config.ts'
import { createDispatcher } from '../../../relay/delivery/dispatcher.ts'
import { createApiKeys } from '../../../relay/http/api-keys.ts'
import { createApp } from '../../../relay/http/app.ts'
import { settingsOf } from '../../../relay/intake/form-settings.ts'
import { createRestTransport, REST_BATCH_KEYS } from '../../../relay/marketo/rest/transport.ts'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { WIDE_BATCHES } from '../../suites/outbox/leads.ts'
import { makeFolder } from '../../support/folder.ts'
import { ACME, NOW } from '../../support/relay.ts'
import { openFile } from '../outbox/sqlite/open-file.ts'
import { SOON } from './start-dispatcher.ts'
import { AS_OPERATOR, OPERATOR } from '../../support/operator.ts'

const CLIENT = { clientId: 'canary-client', clientSecret: 'canary-secret' }
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'
const TWICE = 'the Marketo form may have been filled out twice: an earlier answer was lost'
const ID = '0193573a-1c00-7000-8000-0123456789ab'
const PAGE = { _page: `${ACME}/pilot?id=1`, _query: 'utm_source=canary-query' }
const CANARIES = [
  CLIENT.clientSecret,
  'canary-query',
  'canary-name',
  'canary@',
  '54321',
  'canary-browser',
  '203.0.114.7',
]

const EMAIL = { type: 'email', required: true }
const PILOT = {
  origins: [ACME],
  fields: { Email: EMAIL, FirstName: {}, Hat: { attribute: 'Berths__c' }, phone: { attribute: 'Phone' } },
  marketoForm: 1029,
  program: 1044,
}
const RELAY_FORMS = {
  pilot: PILOT,
  kept: { ...PILOT, marketoForm: 1032, receipt: 'Form_Sync_Id__c' },
  draft: { ...PILOT, marketoForm: 1031 },
  newest: { origins: [ACME], fields: PILOT.fields, duplicates: 'newest' },
  plain: { origins: [ACME], fields: PILOT.fields },
}
const [PILOT_FORM, ...OTHER_FORMS] = FORMS as [Form, ...Form[]]
const MARKETO_FORMS = [
  PILOT_FORM,
  ...OTHER_FORMS,
  { ...PILOT_FORM, id: 1032, fields: [...PILOT_FORM.fields, 'Form_Sync_Id__c'] },
]

const ANA = { Email: 'canary@acme.example', FirstName: 'canary-name', _id: ID }

type Submission = Record<string, string>

/** Starts a relay with an outbox, and the Marketo that it delivers to. */
async function start(
  openOutbox: () => Outbox | Promise<Outbox> = () => createMemoryOutbox(WIDE_BATCHES, REST_BATCH_KEYS),
) {
  let now = NOW
  let wakesAt: number | undefined
  const fields = [
    ...FIELDS,
    { ...FIELDS.find(({ name }) => name === 'Berths__c')!, name: 'Form_Sync_Id__c', type: 'string' as const },
  ]
  const simulator = createSimulator({
    now: () => now,
    account: { ...CLIENT, munchkinId: '123-ABC-456' },
    forms: MARKETO_FORMS,
    fields,
  }).app
  const env = {
    MARKETO_REST_ENDPOINT: 'http://127.0.0.1/rest',
    MARKETO_CLIENT_ID: CLIENT.clientId,
    MARKETO_CLIENT_SECRET: CLIENT.clientSecret,
  }
  const config = readConfig(env, { forms: RELAY_FORMS })
  const outbox = await openOutbox()
  const events: LogEvent[] = []
  const urls: string[] = []
  const log = (event: LogEvent) => void events.push(event)
  const dispatcher = createDispatcher({
    outbox,
    transport: createRestTransport({
      endpoint: 'http://simulator.example',
      ...CLIENT,
      timeout: WIDE_BATCHES.timeout,
      now: () => now,
      fetch: async (url, init) => {
        urls.push(url)
        return simulator.request(url, init)
      },
    }),
    now: () => now,
    random: () => 0,
    wakeAt: (time) => (wakesAt = time),
    log,
    limits: WIDE_BATCHES,
  })
  onTestFinished(() => dispatcher.stop())
  const app = createApp({
    config,
    outbox,
    wake: () => {},
    now: () => now,
    randomBytes: (length) => new Uint8Array(length).fill(7),
    log,
    visitorAddress: () => '203.0.114.7',
    operator: { keys: createApiKeys([OPERATOR.FORM_SYNC_CONSOLE_TOKEN]), outbox },
  })
  const read = async <Body>(path: string) => (await (await simulator.request(path)).json()) as Body

  return {
    outbox,
    events,
    urls,
    app,
    settings: settingsOf(config.forms.values()),
    post: async (form: string, body: Submission) => {
      const headers = { origin: ACME, accept: 'application/json', 'user-agent': 'canary-browser' }
      const response = await app.request(`/f/${form}`, { method: 'POST', body: new URLSearchParams(body), headers })
      return ((await response.json()) as { id: string }).id
    },
    fault: (fault: object) => simulator.request('/sim/faults', { method: 'POST', body: JSON.stringify(fault) }),
    /** Creates people with the address of `ANA`, one after the other. */
    async createPeople(...names: string[]) {
      const client = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
      })
      const { access_token: token } = await read<{ access_token: string }>(`/identity/oauth/token?${client}`)
      for (const firstName of names) {
        const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
        const input = [{ email: ANA.Email, firstName }]
        const body = JSON.stringify({ action: 'createDuplicate', input })
        await simulator.request('/rest/v1/leads.json', { method: 'POST', headers, body })
        now += 1_000
      }
    },
    /** Lets time pass until no lead waits. */
    async deliverAll() {
      for (;;) {
        wakesAt = undefined
        const settled = events.length
        dispatcher.wake()
        await vi.waitFor(() => expect(wakesAt !== undefined || events.length > settled).toBe(true), SOON)
        const { waiting } = await outbox.status(now)
        if (waiting === 0) return
        const next = await outbox.nextDueAt(now)
        if (next !== undefined && next > now) now = next
      }
    },
    people: () => read<PersonView[]>('/sim/leads'),
    /** Returns the operations, without tokens and probes. */
    async calls() {
      const lines = (await read<CallLine[]>('/sim/calls')).toSorted((a, b) => a.number - b.number)
      return lines.map(({ operation }) => operation).filter((name) => name !== 'identity' && name !== 'getUsage')
    },
    async bodies(operation: string) {
      const lines = (await read<CallLine[]>('/sim/calls')).filter((line) => line.operation === operation)
      const details = await Promise.all(lines.map(({ number }) => read<CallDetail>(`/sim/calls/${number}`)))
      return details.map(({ request }) => JSON.parse(request.slice(request.indexOf('\n{'))) as object)
    },
    formsOf: async () =>
      (await read<PersonView[]>('/sim/leads')).flatMap(({ activities }) =>
        activities.filter(({ type }) => type === 'form'),
      ),
  }
}

const STORES: [string, () => Outbox | Promise<Outbox>][] = [
  ['memory', () => createMemoryOutbox(WIDE_BATCHES, REST_BATCH_KEYS)],
  [
    'SQLite',
    () =>
      createSqliteOutbox(openFile(join(makeFolder(), 'outbox.sqlite')), {
        ...OUTBOX_OPTIONS,
        batchKeys: REST_BATCH_KEYS,
        limits: WIDE_BATCHES,
      }),
  ],
]

describe.each(STORES)('a form that fills out a Marketo form (%s)', (_, open) => {
  it('is delivered in one call, with the page, the browser, the address, the program and the cookie', async () => {
    const { post, deliverAll, people, calls, bodies, formsOf, outbox } = await start(open)

    await post('pilot', { ...ANA, ...PAGE, _visitor: COOKIE })
    await deliverAll()

    expect(await calls()).toEqual(['submitForm'])
    expect(await bodies('submitForm')).toEqual([
      {
        formId: 1029,
        programId: 1044,
        input: [
          {
            leadFormFields: { firstName: 'canary-name', email: 'canary@acme.example' },
            visitorData: {
              pageURL: `${ACME}/pilot`,
              queryString: 'utm_source=canary-query',
              userAgentString: 'canary-browser',
              leadClientIpAddress: '203.0.114.7',
            },
            cookie: COOKIE,
          },
        ],
      },
    ])
    expect(await people()).toMatchObject([{ email: 'canary@acme.example', cookies: [COOKIE] }])
    expect(await formsOf()).toMatchObject([
      { formId: 1029, programId: 1044, url: `${ACME}/pilot`, query: 'utm_source=canary-query' },
    ])
    expect(await outbox.status(NOW)).toMatchObject({ delivered: 1, parked: 0 })
    expect(await outbox.status(NOW)).not.toHaveProperty('owed')
  })

  it('that lacks a field loses that field alone, which is kept and reported', async () => {
    const { post, deliverAll, people, calls, outbox, events, fault } = await start(open)
    await fault({ fault: 'skipped', operation: 'submitForm', times: 1 })

    await post('pilot', { ...ANA, Hat: '3' })
    await deliverAll()

    expect(await calls()).toEqual(['submitForm', 'getFormFields', 'submitForm'])
    expect(await people()).toMatchObject([{ attributes: { FirstName: 'canary-name' } }])
    const job = await outbox.find(ID)
    expect(job).toMatchObject({
      state: 'parked',
      rejectedAttributes: ['Berths__c'],
      leadId: expect.any(Number) as number,
    })
    expect(job?.lead?.attributes).toEqual([{ name: 'Berths__c', value: '3' }])
    expect(JSON.stringify(job)).not.toMatch(/canary-query|canary-browser|203\.0|_mch/)
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'attributes-rejected', attributes: ['Berths__c'] }) as LogEvent,
    )
  })

  it('whose answer is lost is delivered again once, and the log and the receipt say so', async () => {
    const { post, deliverAll, formsOf, fault, outbox, events } = await start(open)
    await fault({ fault: 'accepted-then-garbage', operation: 'submitForm', times: 1 })

    await post('pilot', ANA)
    await deliverAll()

    expect(await formsOf()).toHaveLength(2)
    expect(await outbox.find(ID)).toMatchObject({ state: 'delivered', notes: [TWICE] })
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'delivered', id: ID, attempt: 2, note: TWICE }) as LogEvent,
    )
  })

  it('whose answers are all lost is submitted twice at most, and then parked', async () => {
    const { post, deliverAll, formsOf, fault, outbox, settings, calls } = await start(open)
    await fault({ fault: 'accepted-then-garbage', operation: 'submitForm', times: 2 })

    await post('pilot', ANA)
    await deliverAll()
    const parked = await outbox.find(ID)
    const submitted = await calls()
    await outbox.replay([ID], { forms: settings }, NOW)
    await deliverAll()

    expect(submitted).toEqual(['submitForm', 'submitForm'])
    expect(parked).toMatchObject({
      state: 'parked',
      reason:
        '2 attempts got no answer, and each may have filled out the Marketo form 1029: look at the person in Marketo, then replay',
    })
    expect(await outbox.find(ID)).toMatchObject({ state: 'delivered' })
    expect(await formsOf()).toHaveLength(3)
  })

  it('with a receipt whose answer is lost is there exactly once', async () => {
    const { post, deliverAll, formsOf, fault, outbox, calls, people } = await start(open)
    await fault({ fault: 'accepted-then-garbage', operation: 'submitForm', times: 1 })

    await post('kept', ANA)
    await deliverAll()

    expect(await calls()).toEqual(['submitForm', 'getLeadsByFilter'])
    expect(await formsOf()).toHaveLength(1)
    const [person] = await people()
    expect(person?.attributes).toMatchObject({ Form_Sync_Id__c: ID })
    expect(await outbox.find(ID)).toMatchObject({ state: 'delivered', leadId: person?.id, notes: [] })
  })

  it('with a receipt that did not arrive is there exactly once, too, however many answers are lost', async () => {
    const { post, deliverAll, formsOf, fault, outbox, calls } = await start(open)
    await fault({ fault: 'garbage', operation: 'submitForm', times: 3 })

    await post('kept', ANA)
    await deliverAll()

    expect(await calls()).toEqual([
      'submitForm',
      ...Array.from({ length: 3 }, () => ['getLeadsByFilter', 'submitForm']).flat(),
    ])
    expect(await formsOf()).toHaveLength(1)
    expect(await outbox.find(ID)).toMatchObject({ state: 'delivered', notes: [] })
  })
})

describe('a form that fills out a Marketo form', () => {
  it('that is not approved is parked by its name, and other forms go on', async () => {
    const { post, deliverAll, outbox } = await start()

    const draft = await post('draft', ANA)
    const others = [
      await post('pilot', { ...ANA, Email: 'ben@acme.example', _id: '0193573a-1c00-7000-8000-0123456789ac' }),
      await post('plain', { ...ANA, Email: 'eva@acme.example', _id: '0193573a-1c00-7000-8000-0123456789ad' }),
    ]
    await deliverAll()

    expect(await outbox.find(draft)).toMatchObject({
      state: 'parked',
      reason: 'Marketo has no approved form 1031: approve it, or change "marketoForm" of the form draft, then replay',
    })
    expect((await Promise.all(others.map((id) => outbox.find(id)))).map((job) => job?.state)).toEqual([
      'delivered',
      'delivered',
    ])
  })

  it('is parked with the right that is missing, where its fields may not be read', async () => {
    const { post, deliverAll, outbox, fault } = await start()
    await fault({ fault: 'skipped', operation: 'submitForm', times: 1 })
    await fault({ fault: '603', operation: 'getFormFields', times: 1 })

    await post('pilot', ANA)
    await deliverAll()

    expect(await outbox.find(ID)).toMatchObject({
      state: 'parked',
      reason: expect.stringContaining('needs the right "Read-Only Asset"') as string,
    })
  })

  it('alone stores the page, the browser and the address of its visitor', async () => {
    const { post, outbox } = await start()

    const submitted = await outbox.find(await post('pilot', { ...ANA, ...PAGE }))
    const plain = await outbox.find(
      await post('plain', { ...ANA, ...PAGE, _id: '0193573a-1c00-7000-8000-0123456789ac' }),
    )

    expect(submitted?.lead?.visit).toMatchObject({
      userAgentString: 'canary-browser',
      leadClientIpAddress: '203.0.114.7',
    })
    expect(JSON.stringify(plain)).not.toMatch(/canary-browser|203\.0|canary-query|pilot/)
  })

  it('takes the cookie of an older lead that owes it', async () => {
    const { post, deliverAll, people, outbox } = await start()

    await post('plain', { ...ANA, Email: 'typo@acme.example', _visitor: COOKIE })
    await post('pilot', { ...ANA, _id: '0193573a-1c00-7000-8000-0123456789ac', _visitor: COOKIE })
    await deliverAll()

    const owner = (await people()).find(({ cookies }) => cookies.includes(COOKIE))
    expect(owner?.email).toBe('canary@acme.example')
    expect(await outbox.status(NOW)).toMatchObject({ delivered: 2 })
  })

  it('leaves no value, cookie, token or secret in log, health, reasons or URLs', async () => {
    const { post, deliverAll, fault, events, urls, app, outbox } = await start()
    for (const one of [
      { fault: 'accepted-then-garbage', operation: 'submitForm', times: 1 },
      { fault: '1003', operation: 'submitForm', times: 1, field: 'canary-name' },
      { fault: '611', operation: 'getLeadsByFilter', times: 1 },
      { fault: 'skipped', operation: 'submitForm', times: 2 },
      { fault: '606', operation: 'getFormFields', times: 1 },
      { fault: '1001', operation: 'syncLeads', times: 1 },
    ]) {
      await fault(one)
    }

    for (const [at, form] of ['pilot', 'kept', 'draft', 'newest', 'plain'].entries()) {
      const submission = {
        ...ANA,
        ...PAGE,
        _id: `0193573a-1c00-7000-8000-0123456789a${at}`,
        _visitor: COOKIE,
        Hat: '3',
      }
      await post(form, { ...submission, Email: `canary@${at}.example` })
    }
    await deliverAll()
    const ready = await (await app.request('/readyz', AS_OPERATOR)).text()
    const parked = await outbox.list('parked', 10)
    const reasons = parked.map(({ reason, history, notes }) => ({ reason, history, notes }))

    const told = JSON.stringify([events, urls, ready, reasons])
    const associated = urls.filter((url) => url.includes('/associate.json?cookie=')).map((url) => url.split('?')[1]!)
    const shown = associated.reduce((text, query) => text.replaceAll(query, ''), told)
    expect(CANARIES.filter((canary) => shown.includes(canary))).toEqual([])
    expect(events.length).toBeGreaterThan(8)
  })
})

describe('a form that writes the newest of several people', () => {
  it('updates the one of them that was updated last, in three calls', async () => {
    const { post, deliverAll, people, calls, createPeople, outbox } = await start()
    await createPeople('One', 'Two')

    await post('newest', ANA)
    await deliverAll()

    expect((await calls()).slice(-3)).toEqual(['syncLeads', 'getLeadsByFilter', 'syncLeads'])
    const found = await people()
    expect(found.map(({ attributes }) => attributes['FirstName'])).toEqual(['One', 'canary-name'])
    expect(await outbox.find(ID)).toMatchObject({ state: 'delivered', leadId: found[1]?.id })
  })

  it('parks the lead without the setting', async () => {
    const { post, deliverAll, calls, createPeople, outbox } = await start()
    await createPeople('One', 'Two')

    await post('plain', ANA)
    await deliverAll()

    expect((await calls()).at(-1)).toBe('syncLeads')
    expect(await outbox.find(ID)).toMatchObject({ state: 'parked', reason: expect.stringMatching(/^1007/) as string })
  })
})
