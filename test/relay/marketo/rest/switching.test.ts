/** Leads that were stored under one transport go by the other, once. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { batchKeysOf, createTransport } from '../../../../relay/marketo/transport.ts'
import type { Outbox, Settlement } from '../../../../relay/outbox/outbox.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import type { SqliteFile } from '../../../../relay/runtime/node/sqlite-file.ts'
import { lead, LATER, T, WIDE_BATCHES } from '../../../suites/outbox/leads.ts'
import { makeFolder } from '../../../support/folder.ts'
import { openFile } from '../../outbox/sqlite/open-file.ts'
import { CREATED } from '../soap/samples.ts'
import { CLIENT, COOKIE, startMarketo } from './fake.ts'

const SOAP = { endpoint: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1', userId: 'u', secretKey: 'k' }

const openDatabase = () => openFile(join(makeFolder(), 'outbox.sqlite'))

/** Starts the outbox of a relay with this transport. */
async function open(database: SqliteFile, transport: 'soap' | 'rest', credentials: string): Promise<Outbox> {
  const options = { ...OUTBOX_OPTIONS, batchKeys: batchKeysOf(transport), limits: WIDE_BATCHES }
  const outbox = await createSqliteOutbox(database, options)
  await outbox.resume(T, credentials)
  return outbox
}

const IDS = {
  plain: '00000000-0000-4000-8000-000000000001',
  cookie: '00000000-0000-4000-8000-000000000002',
  workspace: '00000000-0000-4000-8000-000000000003',
  parked: '00000000-0000-4000-8000-000000000004',
}

const LEADS: Lead[] = [
  lead(IDS.plain, { email: 'plain@acme.example' }),
  lead(IDS.cookie, { email: 'cookie@acme.example', cookie: COOKIE }),
  lead(IDS.workspace, { email: 'workspace@acme.example', workspace: 'Europe' }),
]

describe('leads that wait when the transport changes', () => {
  it('go alone by SOAP, together by REST, and alone again', async () => {
    const database = openDatabase()
    const sizes = async (outbox: Outbox) => {
      const batches = await outbox.claim(T, LATER, 10)
      for (const { id } of batches) await outbox.settle(id, [], T)
      // An ended batch without outcomes leaves its jobs leased until its lease ends.
      database.run('UPDATE job SET due_at = ?', T)
      return batches.map(({ jobs }) => jobs.length).toSorted((a, b) => a - b)
    }

    const before = await open(database, 'soap', 'soap')
    await before.add(LEADS, T)

    expect(await sizes(before)).toEqual([1, 1, 1])
    expect(await sizes(await open(database, 'rest', 'rest'))).toEqual([3])
    expect(await sizes(await open(database, 'soap', 'soap'))).toEqual([1, 1, 1])
  })

  it('and those that were parked, are delivered once each by REST', async () => {
    const database = openDatabase()
    const soap = await open(database, 'soap', 'soap')
    await soap.add([lead(IDS.parked, { email: 'parked@acme.example', cookie: `${COOKIE}0` })], T)
    const [first] = await soap.claim(T, LATER, 1)
    const { lead: parked, attempt } = first!.jobs[0]!
    await soap.settle(first!.id, [{ id: parked.id, attempt, kind: 'parked', reason: 'x' } satisfies Settlement], T)
    await soap.add(LEADS, T)

    const rest = await open(database, 'rest', 'rest')
    await rest.replay([IDS.parked], {}, T)
    const marketo = startMarketo()
    const batches = await rest.claim(T, LATER, 10)
    for (const { id, jobs } of batches) {
      const verdicts = await marketo.transport.deliver(jobs.map((job) => job.lead))
      const settlements = jobs.map((job, at): Settlement => {
        const verdict = verdicts[at]!
        expect(verdict.kind).toBe('delivered')
        return { id: job.lead.id, attempt: job.attempt, kind: 'delivered', leadId: 1 }
      })
      await rest.settle(id, settlements, T)
    }

    const addresses = marketo.bodies().flatMap(({ input }) => input.map(({ email }) => email))
    expect(new Set(addresses)).toEqual(
      new Set(['cookie@acme.example', 'parked@acme.example', 'plain@acme.example', 'workspace@acme.example']),
    )
    expect(addresses).toHaveLength(4)
    expect(marketo.problems).toEqual([])
    expect(marketo.calls).toHaveLength(1)
    expect((await rest.status(T)).waiting).toBe(0)
  })
})

describe('attributes in the names of either API', () => {
  const withNames = (...names: string[]) =>
    lead(IDS.plain, {
      email: 'ana@acme.example',
      attributes: names.map((name, at) => ({ name, value: `v${at}` })),
    })
  const inSoap = withNames('FirstName', 'SICCode', 'MarketoSocialGender', 'DateofBirth', 'Topics__c')
  const inRest = withNames('firstName', 'sicCode', 'gender', 'dateOfBirth', 'Topics__c')

  it('make the same call of REST', async () => {
    const { transport, calls } = startMarketo()

    await transport.deliver([inSoap])
    await transport.deliver([inRest])

    expect(calls[1]?.text).toBe(calls[0]?.text)
    expect(calls[0]?.text).toContain('"gender":"v2"')
  })

  it('make the same call of SOAP', async () => {
    const bodies: string[] = []
    const transport = createTransport(SOAP, {
      now: () => T,
      timeout: 90_000,
      fetch: async (_, init) => {
        bodies.push(init.body as string)
        return new Response(CREATED)
      },
    })

    await transport.deliver([inSoap])
    await transport.deliver([inRest])

    expect(bodies[1]).toBe(bodies[0])
    expect(bodies[0]).toContain('<attrName>MarketoSocialGender</attrName>')
  })
})

it('the transport of an account is that of its credentials', () => {
  const options = { now: () => T, timeout: 90_000, fetch: () => Promise.reject(new Error('not called')) }

  expect(createTransport(SOAP, options).name).toBe('soap')
  expect(createTransport({ transport: 'rest', ...CLIENT }, options).name).toBe('rest')
  expect([batchKeysOf('soap').name, batchKeysOf(undefined).name, batchKeysOf('rest').name]).toEqual([
    'soap',
    'soap',
    'rest',
  ])
})
