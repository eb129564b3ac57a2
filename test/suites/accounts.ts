/** The suite of one relay on Node with a SOAP account and two REST accounts, each with a Marketo of its own. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../demo/simulator/serve.ts'
import type { LogEvent } from '../../relay/monitoring/events.ts'
import { serve, type ServeOptions } from '../../relay/runtime/node/serve.ts'

const ACME = 'https://www.acme.example'
const TOKEN = 'a-token-of-twenty-characters'
const SOON = { interval: 20, timeout: 15_000 }

/** The accounts by the form that uses them. */
const ACCOUNTS = { contact: 'default', trial: 'sandbox', labs: 'labs' } as const
type FormName = keyof typeof ACCOUNTS
const NAMES = Object.keys(ACCOUNTS) as FormName[]
const MUNCHKIN_IDS = { contact: '123-ABC-456', trial: '987-ZYX-654', labs: '111-LAB-222' }

const formsFile = (accounts: Partial<Record<FormName, string>> = {}) => ({
  forms: Object.fromEntries(
    NAMES.map((name) => {
      const account = accounts[name] ?? ACCOUNTS[name]
      const fields = { Email: { type: 'email', required: true }, first: { attribute: 'FirstName' } }
      return [name, { origins: [ACME], fields, ...(account !== 'default' && { account }) }]
    }),
  ),
})

interface SimulatedLead {
  email: string
  cookies: string[]
}

/** Starts a Marketo for each form. */
async function startMarketos() {
  const start = async (name: FormName) => {
    const own = { clientId: `client-${name}`, clientSecret: `secret-${name}`, munchkinId: MUNCHKIN_IDS[name] }
    const simulator = await serveSimulator({ port: 0, account: { ...DEMO_ACCOUNT, ...own } })
    let open = true
    const close = async () => {
      if (open) await simulator.close()
      open = false
    }
    onTestFinished(close)
    const url = simulator.url.replace('localhost', '127.0.0.1')
    const get = async (path: string) => (await (await fetch(`${url}${path}`)).json()) as unknown
    return {
      ...own,
      url,
      close,
      emails: async () => ((await get('/sim/leads')) as SimulatedLead[]).map(({ email }) => email).toSorted(),
      cookies: async () => ((await get('/sim/leads')) as SimulatedLead[]).flatMap(({ cookies }) => cookies),
      calls: async () => (await get('/sim/calls')) as { operation: string; ok: boolean }[],
      fault: (fault: object) => fetch(`${url}/sim/faults`, { method: 'POST', body: JSON.stringify(fault) }),
    }
  }
  const [contact, trial, labs] = await Promise.all(NAMES.map(start))
  return { contact: contact!, trial: trial!, labs: labs! }
}

type Marketos = Awaited<ReturnType<typeof startMarketos>>

function environment({ contact, trial, labs }: Marketos): Record<string, string> {
  return {
    MARKETO_SOAP_ENDPOINT: `${contact.url}/soap/mktows/3_1`,
    MARKETO_USER_ID: DEMO_ACCOUNT.userId,
    MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
    MUNCHKIN_ID: MUNCHKIN_IDS.contact,
    MARKETO_SANDBOX_REST_ENDPOINT: trial.url,
    MARKETO_SANDBOX_CLIENT_ID: trial.clientId,
    MARKETO_SANDBOX_CLIENT_SECRET: trial.clientSecret,
    MARKETO_SANDBOX_MUNCHKIN_ID: MUNCHKIN_IDS.trial,
    MARKETO_LABS_REST_ENDPOINT: labs.url,
    MARKETO_LABS_CLIENT_ID: labs.clientId,
    MARKETO_LABS_CLIENT_SECRET: labs.clientSecret,
    MARKETO_LABS_MUNCHKIN_ID: MUNCHKIN_IDS.labs,
    FORM_SYNC_CONSOLE_TOKEN: TOKEN,
  }
}

/** Starts a relay on a folder, or on a database. */
async function startRelay(
  env: Record<string, string>,
  data: string,
  forms: object = formsFile(),
  checks?: ServeOptions['checks'],
) {
  const path = join(data, 'forms.json')
  writeFileSync(path, JSON.stringify(forms))
  const events: LogEvent[] = []
  const log = (event: LogEvent) => void events.push(event)
  const relay = await serve({ env, forms: path, data, port: 0, host: '127.0.0.1', log, ...(checks && { checks }) })
  let open = true
  const close = async () => {
    if (open) await relay.close()
    open = false
  }
  onTestFinished(close)
  const url = relay.url.replace('localhost', '127.0.0.1')
  const ask = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const init = body && { method: 'POST', body: JSON.stringify(body) }
    return (await (await fetch(`${url}${path}`, { ...init, headers })).json()) as unknown
  }
  return {
    events,
    close,
    ask,
    ready: () => ask('/readyz'),
    async post(form: FormName, fields: Record<string, string>) {
      const body = JSON.stringify({ fields })
      const headers = { 'content-type': 'application/json', origin: ACME }
      const reply = await fetch(`${url}/f/${form}`, { method: 'POST', headers, body })
      expect(reply.status).toBe(202)
    },
    kinds: (account?: string) =>
      events.filter((event) => event.account === account && 'form' in event).map(({ event }) => event),
  }
}

const addresses = (form: FormName, count: number) =>
  Array.from({ length: count }, (_, n) => `${form}-${n}@acme.example`)

/** Declares the tests, on one kind of store. */
export function accountTests(store: () => Promise<{ data: string; env: Record<string, string> }>): void {
  it('delivers the leads of each form to its own account, with the cookies of that account alone', async () => {
    const marketos = await startMarketos()
    const { data, env } = await store()
    const relay = await startRelay({ ...environment(marketos), ...env }, data)

    for (const form of NAMES) {
      for (const cookieOf of NAMES) {
        const _visitor = `id:${MUNCHKIN_IDS[cookieOf]}&token:_mch-acme.example-${form}-${cookieOf}`.replace(
          /-[a-z]+-[a-z]+$/,
          `-1764000000000-${10_000 + 3 * NAMES.indexOf(form) + NAMES.indexOf(cookieOf)}`,
        )
        await relay.post(form, { Email: `${form}-${cookieOf}@acme.example`, _visitor })
      }
    }
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ delivered: 9, owedCookies: 0 }), SOON)

    for (const form of NAMES) {
      expect(await marketos[form].emails()).toEqual(NAMES.map((name) => `${form}-${name}@acme.example`).toSorted())
      expect(await marketos[form].cookies()).toEqual([expect.stringContaining(MUNCHKIN_IDS[form])])
    }
    expect(relay.kinds().toSorted()).toEqual([...Array(3).fill('accepted'), ...Array(3).fill('delivered')])
    expect(relay.kinds('sandbox').toSorted()).toEqual(relay.kinds().toSorted())
    expect(relay.events.find(({ event }) => event === 'started')).toMatchObject({
      transport: 'soap',
      accounts: [
        { account: 'sandbox', transport: 'rest', cookiesOf: MUNCHKIN_IDS.trial },
        { account: 'labs', transport: 'rest', cookiesOf: MUNCHKIN_IDS.labs },
      ],
    })
  })

  it.each<[FormName, Record<string, string>]>([
    ['contact', { MARKETO_SECRET_KEY: 'a wrong key' }],
    ['trial', { MARKETO_SANDBOX_CLIENT_SECRET: 'a wrong secret' }],
  ])('blocking the account of %s leaves the others at full speed', async (blocked, wrong) => {
    const marketos = await startMarketos()
    const { data, env } = await store()
    const relay = await startRelay({ ...environment(marketos), ...env, ...wrong }, data)
    const others = NAMES.filter((name) => name !== blocked)
    await relay.post(blocked, { Email: 'first@acme.example' })
    await relay.post(blocked, { Email: 'second@acme.example' })
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ state: 'blocked', backlog: 2 }), SOON)

    await Promise.all(others.flatMap((form) => addresses(form, 10).map((Email) => relay.post(form, { Email }))))
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ delivered: 20 }), SOON)

    for (const form of others) expect(await marketos[form].emails()).toEqual(addresses(form, 10).toSorted())
    const troubles = relay.events.filter(({ event }) => ['blocked', 'outage', 'retry', 'limited'].includes(event))
    const account = blocked === 'contact' ? undefined : ACCOUNTS[blocked]
    expect(new Set(troubles.map((event) => event.account))).toEqual(new Set([account]))
    // A rejected token would be a call of its own.
    for (const form of others) expect((await marketos[form].calls()).filter(({ ok }) => !ok)).toEqual([])
    const { accounts, ...ready } = (await relay.ready()) as { accounts: { account: string }[] }
    expect(ready).toMatchObject({ ready: true, state: 'blocked', blocked: true, backlog: 2, delivered: 20 })
    expect(accounts).toEqual(
      NAMES.map((form) =>
        expect.objectContaining(
          form === blocked
            ? { account: ACCOUNTS[form], state: 'blocked', backlog: 2, delivered: 0 }
            : { account: ACCOUNTS[form], state: 'ok', issues: [], backlog: 0, delivered: 10, blocked: false },
        ),
      ) as object[],
    )
  })

  it('shows the check of the forms of each account', async () => {
    const marketos = await startMarketos()
    const { data, env } = await store()
    const forms = formsFile()
    forms.forms.trial!.fields.first.attribute = 'Hat__c'
    const relay = await startRelay({ ...environment(marketos), ...env }, data, forms, { after: 0, every: 3_600_000 })
    await vi.waitFor(() => expect(relay.events.filter(({ event }) => event === 'checked')).toHaveLength(3), SOON)

    expect(await relay.ready()).toMatchObject({
      state: 'drift',
      issues: [{ kind: 'drift', account: 'sandbox', count: 1, reason: expect.stringContaining('"Hat__c"') as string }],
      accounts: [
        { account: 'default', state: 'ok', issues: [], configuration: { errors: 0, warnings: 0, notChecked: [] } },
        { account: 'sandbox', state: 'drift', issues: [{ kind: 'drift' }], configuration: { errors: 1 } },
        { account: 'labs', state: 'ok', issues: [], configuration: { errors: 0 } },
      ],
    })
  })

  it('an account whose Marketo does not answer keeps no lead of another one back', async () => {
    const marketos = await startMarketos()
    const { data, env } = await store()
    await marketos.trial.fault({ fault: 'timeout', times: 100 })
    const relay = await startRelay({ ...environment(marketos), ...env, MARKETO_SANDBOX_CONCURRENCY: '1' }, data)
    await relay.post('trial', { Email: 'first@acme.example' })
    await vi.waitFor(async () => expect(await marketos.trial.calls()).not.toEqual([]), SOON)

    for (const form of ['contact', 'labs'] as const) await relay.post(form, { Email: `${form}@acme.example` })
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ delivered: 2, backlog: 1 }), SOON)

    expect(await marketos.trial.emails()).toEqual([])
    // The call ends, so that the relay can.
    await marketos.trial.close()
  })

  it('a lead stays with the account that its form had, and a parked one goes to that of today when it is replayed', async () => {
    const marketos = await startMarketos()
    const { data, env } = await store()
    const variables = { ...environment(marketos), ...env }
    await marketos.trial.fault({ operation: 'syncLeads', fault: '1007', times: 1 })
    const first = await startRelay(variables, data)
    await first.post('trial', { Email: 'parked@acme.example', first: 'Ana' })
    await vi.waitFor(async () => expect(await first.ready()).toMatchObject({ parked: 1 }), SOON)
    await first.close()
    const blocked = await startRelay({ ...variables, MARKETO_SANDBOX_CLIENT_SECRET: 'a wrong secret' }, data)
    await blocked.post('trial', { Email: 'waiting@acme.example' })
    await vi.waitFor(async () => expect(await blocked.ready()).toMatchObject({ blocked: true, backlog: 1 }), SOON)
    await blocked.close()

    const relay = await startRelay(variables, data, formsFile({ trial: 'labs' }))
    await relay.post('trial', { Email: 'new@acme.example' })
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ backlog: 0, delivered: 2 }), SOON)
    const dryRun = await relay.ask('/v1/replay', { all: true, dryRun: true })
    const listed = await relay.ask('/v1/parked?account=sandbox')
    const replayed = await relay.ask('/v1/replay', { all: true })
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ parked: 0, delivered: 3 }), SOON)

    expect(await marketos.trial.emails()).toEqual(['waiting@acme.example'])
    expect(await marketos.labs.emails()).toEqual(['new@acme.example', 'parked@acme.example'])
    expect(relay.events).toContainEqual({ event: 'account-unused', account: 'sandbox', reason: 'no form names it' })
    expect(listed).toMatchObject({ total: 1, parked: [{ form: 'trial', account: 'sandbox' }] })
    expect(dryRun).toMatchObject({ results: [{ result: 'replayed' }] })
    expect(replayed).toMatchObject({ replayed: 1 })
  })

  it('leads of an account whose variables are gone are an issue, and go to no other account', async () => {
    const marketos = await startMarketos()
    const { data, env } = await store()
    const variables = { ...environment(marketos), ...env }
    const wrong = { MARKETO_SANDBOX_CLIENT_SECRET: 'a wrong secret' }
    const blocked = await startRelay({ ...variables, ...wrong }, data)
    await blocked.post('trial', { Email: 'waiting@acme.example' })
    await vi.waitFor(async () => expect(await blocked.ready()).toMatchObject({ blocked: true }), SOON)
    await blocked.close()
    const left = Object.entries(variables).filter(([name]) => !name.startsWith('MARKETO_SANDBOX_'))

    const relay = await startRelay(Object.fromEntries(left), data, formsFile({ trial: 'labs' }))
    await relay.post('trial', { Email: 'new@acme.example' })
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ delivered: 1 }), SOON)

    const issue = {
      kind: 'stranded',
      count: 1,
      reason: expect.stringContaining('not set: sandbox (1 lead; MARKETO_SANDBOX_REST_ENDPOINT,') as string,
    }
    expect(await relay.ready()).toMatchObject({ state: 'stranded', issues: [issue], backlog: 0 })
    expect(relay.events).toContainEqual(expect.objectContaining({ event: 'alert', change: 'started', ...issue }))
    expect(await marketos.trial.emails()).toEqual([])
    expect(await marketos.labs.emails()).toEqual(['new@acme.example'])
  })

  it('an operator selects an account by its name, and is told the names of those that there are', async () => {
    const marketos = await startMarketos()
    const { data, env } = await store()
    for (const form of ['trial', 'labs'] as const) {
      await marketos[form].fault({ operation: 'syncLeads', fault: '1007', times: 1 })
    }
    const relay = await startRelay({ ...environment(marketos), ...env }, data)
    for (const form of ['trial', 'labs'] as const) await relay.post(form, { Email: `${form}@acme.example` })
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ parked: 2 }), SOON)

    const totals = await Promise.all(
      ['', '?account=default', '?account=sandbox', '?account=labs'].map((query) => relay.ask(`/v1/parked${query}`)),
    )
    const unknown = await Promise.all([
      relay.ask('/v1/parked?account=sandbx'),
      relay.ask('/v1/replay', { all: true, account: 'sandbx' }),
      relay.ask('/v1/retry?account=sandbx', {}),
    ])
    const retried = [await relay.ask('/v1/retry', {}), await relay.ask('/v1/retry?account=labs', {})]
    const replayed = await relay.ask('/v1/replay', { all: true, account: 'labs' })
    await vi.waitFor(async () => expect(await relay.ready()).toMatchObject({ parked: 1, delivered: 1 }), SOON)

    expect(totals).toMatchObject([{ total: 2 }, { total: 0 }, { total: 1 }, { total: 1 }])
    for (const reply of unknown) {
      expect(reply).toMatchObject({ status: 422, detail: 'account must be one of default, sandbox, labs.' })
    }
    expect(retried).toMatchObject([
      { waiting: 0, accounts: [{ account: 'default' }, { account: 'sandbox' }, { account: 'labs' }] },
      { waiting: 0, quotaSpent: false },
    ])
    expect(replayed).toMatchObject({ replayed: 1, seen: 1 })
    expect(await marketos.labs.emails()).toEqual(['labs@acme.example'])
  })
}
