/** One Worker with a SOAP account and two REST accounts: each has Durable Objects, a token and a breaker of its own. */
import { createScheduledController, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { SOAP_BATCH_KEYS } from '../../relay/marketo/soap/transport.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { WORKERD_CRYPTO } from '../../relay/runtime/cloudflare/outbox-crypto.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'
import worker from '../../relay/runtime/cloudflare/worker.ts'
import { CREATED, faultOf } from '../relay/marketo/soap/samples.ts'
import { lead } from '../suites/outbox/leads.ts'
import { SEVERAL_ACCOUNTS, SeveralOutbox } from './worker.ts'

const ACME = 'https://www.acme.example'
const TOKEN = 'a-token-of-twenty-characters'
const ACCEPTED = Date.now() - 60_000
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'
const SOON = { interval: 10, timeout: 15_000 }
const FIELDS = { Email: { type: 'email', required: true } }
const FORMS = {
  forms: {
    contact: { origins: [ACME], fields: FIELDS },
    trial: { origins: [ACME], fields: FIELDS, account: 'sandbox' },
    labs: { origins: [ACME], fields: FIELDS, account: 'labs' },
  },
}
const VARIABLES = {
  ...SEVERAL_ACCOUNTS,
  OUTBOX: env.SEVERAL,
  FORM_SYNC_FORMS: FORMS,
  FORM_SYNC_CONSOLE_TOKEN: TOKEN,
  FORM_SYNC_HEARTBEAT_URL: 'https://alerts.example/alive',
} as unknown as Parameters<typeof worker.fetch>[1]

/** The objects of the relay: three of the account without a name, one of `sandbox`, two of `labs`. */
const NAMES = ['outbox', 'outbox-1', 'outbox-2', 'sandbox/outbox', 'labs/outbox', 'labs/outbox-1']

function object(name: string): DurableObjectStub<SeveralOutbox> {
  return env.SEVERAL.get(env.SEVERAL.idFromName(name))
}

/** Returns the jobs with this id, with the names of their objects. */
async function recordsOf(id: string) {
  const found = await Promise.all(NAMES.map(async (name) => ({ object: name, ...(await object(name).find(id)) })))
  return found.filter((record) => 'state' in record)
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', origin: ACME }
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
  const request = new Request<unknown, IncomingRequestCfProperties>(`https://relay.example${path}`, init)
  return (await worker.fetch(request, VARIABLES)).json()
}

const post = (form: string, Email: string) => ask<{ ok: boolean }>(`/f/${form}`, { fields: { Email } })

/** Answers in place of three Marketos. Returns the addresses that each has got, and the logged events. */
function startMarketos(soap: () => Response = () => new Response(CREATED)) {
  const got: Record<'first' | 'sandbox' | 'labs', string[]> = { first: [], sandbox: [], labs: [] }
  const webhooks: object[] = []
  const events: { event: string; account?: string }[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => {
    events.push(JSON.parse(line) as { event: string })
  })
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const { hostname, pathname } = new URL(request.url)
    const name = hostname.replace('.example', '') as keyof typeof got
    const text = await request.text()
    if (hostname === 'alerts.example') {
      webhooks.push(pathname === '/hook' ? (JSON.parse(text) as object) : { heartbeat: request.method })
      return new Response(null, { status: 204 })
    }
    const addresses = [...text.matchAll(/[\w-]+@acme\.example/g)].map(([address]) => address)
    if (name === 'first') {
      const reply = soap()
      if (reply.ok) got.first.push(...addresses)
      return reply
    }
    // A token is that of one client.
    if (pathname.startsWith('/identity')) {
      const isOwn = text.includes(`client_id=${name}-client&client_secret=${name}+secret`)
      return isOwn
        ? Response.json({ access_token: `${name}:int`, expires_in: 3_599 })
        : Response.json({ error: 'invalid_client' }, { status: 401 })
    }
    if (request.headers.get('authorization') !== `Bearer ${name}:int`) {
      return Response.json({ requestId: 'a', success: false, errors: [{ code: '601', message: 'invalid' }] })
    }
    got[name].push(...addresses)
    return Response.json({ success: true, result: addresses.map((_, at) => ({ id: 700 + at, status: 'created' })) })
  })
  onTestFinished(() => {
    spy.mockRestore()
    log.mockRestore()
  })
  return { got, events, webhooks }
}

beforeEach(async () => {
  SeveralOutbox.forms = FORMS
  for (const name of NAMES) {
    await runInDurableObject(object(name), (_: SeveralOutbox, { storage }) => storage.deleteAll())
    await evictDurableObject(object(name))
  }
})

describe('a Worker with several accounts', () => {
  it('stores the leads of each form in the objects of its account, which deliver them there', async () => {
    const { got, events } = startMarketos()

    for (const form of ['contact', 'trial', 'labs']) await post(form, `${form}@acme.example`)
    await vi.waitFor(async () => expect(await ask('/readyz')).toMatchObject({ delivered: 3 }), SOON)

    expect(got).toEqual({
      first: ['contact@acme.example'],
      sandbox: ['trial@acme.example'],
      labs: ['labs@acme.example'],
    })
    expect(await object('sandbox/outbox').status(Date.now())).toMatchObject({ delivered: 1 })
    const accounts = await runInDurableObject(object('sandbox/outbox'), (_: SeveralOutbox, { storage }) =>
      storage.sql.exec('SELECT DISTINCT account FROM job').toArray(),
    )
    expect(accounts).toEqual([{ account: 'sandbox' }])
    const delivered = events.filter(({ event }) => event === 'delivered').map(({ account }) => account)
    expect(delivered).toHaveLength(3)
    expect(new Set(delivered)).toEqual(new Set([undefined, 'sandbox', 'labs']))
  })

  it('has a panic switch: all objects of all accounts hold the leads of a form, and of no other', async () => {
    const { got } = startMarketos()
    const addresses = Array.from({ length: 6 }, (_, n) => `flood-${n}@acme.example`)

    const on = await ask('/v1/hold', { form: 'labs', by: 'ana', reason: 'a flood' })
    await Promise.all(addresses.map((address) => post('labs', address)))
    await post('trial', 'zoe@acme.example')
    await vi.waitFor(() => expect(got.sandbox).toEqual(['zoe@acme.example']), SOON)
    const status = await Promise.all(NAMES.map((name) => object(name).status(Date.now())))
    const off = await ask('/v1/hold', { form: 'labs', off: true })

    expect(on).toEqual({ form: 'labs', on: true, changed: true, held: 0 })
    expect(status.map(({ held }) => held).slice(0, 4)).toEqual([0, 0, 0, 0])
    expect(status[4]!.held + status[5]!.held).toBe(6)
    // Each of both objects has some of the leads.
    expect(Math.min(status[4]!.held, status[5]!.held)).toBeGreaterThan(0)
    expect(off).toEqual({ form: 'labs', on: false, changed: true, held: 6 })
    expect(got.labs).toEqual([])
  })

  it('finds and erases a person in all objects of all accounts, or in those of one', async () => {
    startMarketos()
    const email = 'zoe@acme.example'
    for (const form of ['contact', 'trial', 'labs']) await post(form, email)
    await post('labs', 'ana@acme.example')
    await vi.waitFor(async () => expect(await ask('/readyz')).toMatchObject({ delivered: 4 }), SOON)
    const find = () => ask<{ rows: { account?: string; state: string }[] }>('/v1/find', { email })

    const found = await find()
    const one = await ask('/v1/erase', { email, dryRun: false, account: 'sandbox' })
    const rest = await ask('/v1/erase', { email, dryRun: false })

    expect(found.rows.map(({ account }) => account)).toEqual([undefined, 'sandbox', 'labs'])
    expect(one).toMatchObject({ receipts: 1 })
    expect(rest).toMatchObject({ receipts: 2 })
    expect(await find()).toEqual({ rows: [] })
    expect(await ask('/v1/find', { email: 'ana@acme.example' })).toMatchObject({ rows: [{ state: 'delivered' }] })
  })

  it('blocking one account leaves the others at full speed', async () => {
    const { got, events } = startMarketos(
      () => new Response(faultOf('20014', 'Authentication Failed'), { status: 500 }),
    )
    for (const name of ['a', 'b']) await post('contact', `${name}@acme.example`)
    await vi.waitFor(async () => expect(await ask('/readyz')).toMatchObject({ state: 'blocked', backlog: 2 }), SOON)
    const addresses = Array.from({ length: 3 }, (_, n) => `lead-${n}@acme.example`)

    await Promise.all(addresses.flatMap((address) => [post('trial', address), post('labs', address)]))
    await vi.waitFor(async () => expect(await ask('/readyz')).toMatchObject({ delivered: 6 }), SOON)

    expect(got.first).toEqual([])
    expect(got.sandbox.toSorted()).toEqual(addresses)
    expect(got.labs.toSorted()).toEqual(addresses)
    const troubles = events.filter(({ event }) => ['blocked', 'outage', 'retry', 'limited'].includes(event))
    expect(troubles).not.toEqual([])
    expect(troubles.filter(({ account }) => account !== undefined)).toEqual([])
    expect(await ask('/readyz')).toMatchObject({
      state: 'blocked',
      accounts: [
        { account: 'default', state: 'blocked', backlog: 2 },
        { account: 'sandbox', state: 'ok', backlog: 0, delivered: 3 },
        { account: 'labs', state: 'ok', backlog: 0, delivered: 3 },
      ],
    })
  })

  it('looks after the objects of all accounts', async () => {
    startMarketos()
    for (const name of NAMES) {
      // As when the alarm was lost: nothing else wakes the object.
      await runInDurableObject(object(name), async (_: SeveralOutbox, { storage }) => {
        const account = /^(\w+)\//.exec(name)?.[1] ?? 'default'
        const options = { account, batchKeys: SOAP_BATCH_KEYS, crypto: WORKERD_CRYPTO }
        const outbox = await createSqliteOutbox(durableObjectSql(storage), options)
        const id = name.replace('/', '-')
        await outbox.add([lead(id, { email: `${id}@acme.example`, acceptedAt: Date.now() })], Date.now())
      })
      await evictDurableObject(object(name))
    }

    await worker.scheduled(createScheduledController(), VARIABLES)

    for (const name of NAMES) {
      const find = () => object(name).find(name.replace('/', '-'))
      await vi.waitFor(async () => expect(await find(), name).toMatchObject({ state: 'delivered' }), SOON)
    }
  })

  it('the cron trigger checks the forms of each account once, and what does not fit is an alert', async () => {
    const { events, webhooks } = startMarketos()

    await worker.scheduled(createScheduledController(), VARIABLES)
    await worker.scheduled(createScheduledController(), VARIABLES)

    const drift = expect.objectContaining({
      event: 'alert',
      change: 'started',
      kind: 'drift',
      account: 'sandbox',
    }) as object
    await vi.waitFor(() => expect(events).toContainEqual(drift), SOON)
    // The objects post it to the receiver of alerts, each once.
    const sent = (account: string) => expect.objectContaining({ event: 'alert-sent', account }) as object
    for (const account of ['sandbox', 'labs'])
      await vi.waitFor(() => expect(events).toContainEqual(sent(account)), SOON)
    const heartbeats = webhooks.filter((received) => 'heartbeat' in received)
    expect(heartbeats).toEqual([{ heartbeat: 'GET' }, { heartbeat: 'GET' }])
    const posted = webhooks.filter((received) => 'type' in received) as {
      type: string
      data: { kind: string; account: string }
    }[]
    expect(posted.map(({ type, data: { kind, account } }) => `${account} ${kind} ${type}`).toSorted()).toEqual([
      'labs drift alert.started',
      'sandbox drift alert.started',
    ])
    const checked = events.filter(({ event }) => event === 'checked')
    // The Marketos have no field at all, and the first one does not answer the question.
    expect(checked.toSorted((a, b) => (a.account ?? '').localeCompare(b.account ?? ''))).toMatchObject([
      { errors: 0, notChecked: [expect.stringContaining('fields')] },
      { account: 'labs', errors: 1 },
      { account: 'sandbox', errors: 1 },
    ])
    expect(await ask('/readyz')).toMatchObject({
      state: 'drift',
      accounts: [
        { account: 'default', issues: [], configuration: { errors: 0 } },
        { account: 'sandbox', issues: [{ kind: 'drift', count: 1 }], configuration: { errors: 1 } },
        { account: 'labs', issues: [{ kind: 'drift', count: 1 }], configuration: { errors: 1 } },
      ],
    })
  })

  it('logs why the check of the forms of an account failed, and looks after all objects', async () => {
    const { events } = startMarketos()
    const broken = env.SEVERAL.idFromName('sandbox/outbox')
    const objects = {
      idFromName: (name: string) => env.SEVERAL.idFromName(name),
      get: (id: DurableObjectId) =>
        id.equals(broken)
          ? { check: () => Promise.resolve(), checkForms: () => Promise.reject(new Error('overloaded')) }
          : env.SEVERAL.get(id),
    }

    await worker.scheduled(createScheduledController(), { ...VARIABLES, OUTBOX: objects as typeof env.SEVERAL })

    expect(events).toContainEqual(
      expect.objectContaining({ event: 'error', where: 'check', reason: 'Error: overloaded' }),
    )
    expect(events.filter(({ event }) => event === 'checked')).toHaveLength(2)
  })

  it('checks no forms while the configuration is not valid', async () => {
    const { events } = startMarketos()
    SeveralOutbox.forms = '{'

    await worker.scheduled(createScheduledController(), VARIABLES)

    expect(events.filter(({ event }) => event === 'checked' || event === 'error')).toEqual([])
  })

  /** Stores parked leads of the form `labs` in the object of `sandbox`, as if the form had had that account. */
  async function parkInSandbox(...names: string[]): Promise<void> {
    await runInDurableObject(object('sandbox/outbox'), async (instance: SeveralOutbox, { storage }) => {
      const held = { form: 'labs', cookie: COOKIE, hold: 'spam', acceptedAt: ACCEPTED }
      await instance.add(
        names.map((name) => lead(name, { ...held, email: `${name}@acme.example` })),
        Date.now(),
      )
      storage.sql.exec(`UPDATE job SET state = 'parked', reason = 'refused', attempts = 2`)
      storage.sql.exec('UPDATE counter SET parked = held, held = 0')
    })
  }

  it('moves replayed leads to the account that their form has today, and reports and keeps it as on Node', async () => {
    const { got } = startMarketos()
    const names = ['a', 'b', 'c', 'd']
    await parkInSandbox(...names)

    const dryRun = await ask('/v1/replay', { ids: names, dryRun: true })
    const before = await ask('/readyz')
    const replayed = await ask('/v1/replay', { ids: names })
    await vi.waitFor(async () => expect(await ask('/readyz')).toMatchObject({ delivered: 4 }), SOON)

    const results = names.map((id) => ({ id, result: 'replayed' }))
    expect(dryRun).toMatchObject({ results })
    expect(before).toMatchObject({ backlog: 0, parked: 4, delivered: 0 })
    expect(replayed).toMatchObject({ replayed: 4, results })
    const addresses = names.map((name) => `${name}@acme.example`)
    expect({ ...got, labs: got.labs.toSorted() }).toEqual({ first: [], sandbox: [], labs: addresses })
    // The cookie is of the other Marketo.
    expect(await ask('/readyz')).toMatchObject({ backlog: 0, parked: 0, owedCookies: 0 })
    const records = await Promise.all(names.map((name) => recordsOf(name)))
    for (const own of records) {
      expect(own).toMatchObject([
        {
          object: expect.stringMatching(/^labs/) as string,
          state: 'delivered',
          acceptedAt: ACCEPTED,
          attempts: 3,
          notes: ['account changed: sandbox to labs'],
        },
      ])
    }
  })

  it('a lead whose move was interrupted is in both accounts, and is moved and delivered once by the next replay', async () => {
    const { got } = startMarketos()
    await parkInSandbox('a')
    const crash = vi.spyOn(SeveralOutbox, 'afterReceiving').mockRejectedValueOnce(new Error('crash'))
    onTestFinished(() => crash.mockRestore())

    const failed = await ask<{ status: number }>('/v1/replay', { ids: ['a'] })
    await evictDurableObject(object('sandbox/outbox'))
    await vi.waitFor(async () => expect(await ask('/readyz')).toMatchObject({ delivered: 1 }), SOON)
    const between = await recordsOf('a')
    const replayed = await ask('/v1/replay', { ids: ['a'] })

    expect(failed.status).toBe(503)
    expect(between).toMatchObject([
      { object: 'sandbox/outbox', state: 'parked' },
      { object: expect.stringMatching(/^labs/) as string, state: 'delivered' },
    ])
    expect(replayed).toMatchObject({ replayed: 1, results: [{ id: 'a', result: 'replayed' }] })
    expect(await recordsOf('a')).toMatchObject([{ state: 'delivered' }])
    expect(await ask('/readyz')).toMatchObject({ delivered: 1, backlog: 0, parked: 0 })
    expect(got).toEqual({ first: [], sandbox: [], labs: ['a@acme.example'] })
  })

  it('moves no lead whose settings are to stay', async () => {
    const { got } = startMarketos()
    await parkInSandbox('a')

    const replayed = await ask('/v1/replay', { ids: ['a'], keepSettings: true })

    expect(replayed).toMatchObject({ replayed: 1, results: [{ id: 'a', result: 'replayed' }] })
    await vi.waitFor(async () => expect(await ask('/readyz')).toMatchObject({ delivered: 1 }), SOON)
    expect(got).toEqual({ first: [], sandbox: ['a@acme.example'], labs: [] })
  })

  it('delivers no lead of an account whose variables are gone to another one, and logs that it waits', async () => {
    const { got, events } = startMarketos()
    const orphan = object('gone/outbox')

    await orphan.add([lead('a', { acceptedAt: Date.now() })], Date.now())
    await orphan.check()
    const before = events.filter(({ event }) => event === 'error')
    await evictDurableObject(orphan)

    expect(await orphan.status(Date.now())).toMatchObject({ waiting: 1 })
    expect(before).toEqual([])
    expect(events).toContainEqual(expect.objectContaining({ event: 'error', where: 'account' }))
    expect(got).toEqual({ first: [], sandbox: [], labs: [] })
  })
})
