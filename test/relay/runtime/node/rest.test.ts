/** A relay on Node with the credentials of REST: a posted form arrives, and the commands know the transport. */
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve as listen } from '@hono/node-server'
import { expect, it, onTestFinished, vi } from 'vitest'
import { adminFromFolder } from '../../../../relay/cli/admin-from-folder.ts'
import { batchKeysOf } from '../../../../relay/marketo/transport.ts'
import type { LogEvent } from '../../../../relay/monitoring/events.ts'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { serve } from '../../../../relay/runtime/node/serve.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { makeFolder } from '../../../support/folder.ts'
import { lead, LATER, T, WIDE } from '../../../suites/outbox/leads.ts'
import { CANARIES, CLIENT, COOKIE, startMarketo } from '../../marketo/rest/fake.ts'

const FORMS = {
  forms: {
    contact: {
      origins: ['https://www.acme.example'],
      partition: 'Europe',
      fields: {
        mail: { attribute: 'email', type: 'email', required: true },
        sex: { attribute: 'gender' },
        agreed: { attribute: 'Agreed__c', type: 'boolean' },
      },
    },
  },
}

/** Listens on loopback as a Marketo. Resolves with its URL. */
async function listenAs({ fetch }: Pick<ReturnType<typeof startMarketo>, 'fetch'>): Promise<string> {
  return new Promise((resolve) => {
    const answer = async (request: Request) =>
      fetch(request.url, {
        method: request.method,
        headers: request.headers,
        redirect: 'manual',
        ...(request.method === 'POST' && { body: await request.text() }),
      })
    const server = listen({ fetch: answer, port: 0, hostname: '127.0.0.1' }, () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    )
    onTestFinished(() => void server.close())
  })
}

/** Starts a relay with these forms, and a Marketo that it delivers to. */
async function start(forms: object) {
  const marketo = startMarketo()
  const url = await listenAs(marketo)
  const folder = makeFolder()
  const path = join(folder, 'forms.json')
  writeFileSync(path, JSON.stringify({ forms }))
  const events: LogEvent[] = []
  const relay = await serve({
    env: {
      MARKETO_REST_ENDPOINT: `${url}/rest`,
      MARKETO_CLIENT_ID: CLIENT.clientId,
      MARKETO_CLIENT_SECRET: CLIENT.clientSecret,
    },
    forms: path,
    data: folder,
    port: 0,
    host: '127.0.0.1',
    log: (event) => events.push(event),
  })
  onTestFinished(() => relay.close())
  return {
    marketo,
    events,
    async deliver(body: object) {
      const reply = await fetch(`${relay.url.replace('localhost', '127.0.0.1')}/f/contact`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Origin: 'https://www.acme.example',
          'User-Agent': 'Browser/1',
        },
        body: JSON.stringify(body),
      })
      expect(reply.status).toBe(202)
      await vi.waitFor(() => expect(events.map(({ event }) => event)).toContain('delivered'))
    },
  }
}

it('delivers a form to a Marketo of today, with its partition and typed values, and tells no secret', async () => {
  const { marketo, events, deliver } = await start(FORMS.forms)

  await deliver({ fields: { mail: 'ana@acme.example', sex: 'f', agreed: 'on' } })

  expect(marketo.bodies()).toEqual([
    {
      action: 'createOrUpdate',
      lookupField: 'email',
      partitionName: 'Europe',
      input: [{ email: 'ana@acme.example', gender: 'f', Agreed__c: true }],
    },
  ])
  expect(marketo.problems).toEqual([])
  expect(events.find(({ event }) => event === 'started')).toMatchObject({ transport: 'rest' })
  expect(CANARIES.filter((canary) => JSON.stringify(events).includes(canary))).toEqual([])
})

it('fills out a Marketo form with the page and the browser, and without an address that is not public', async () => {
  const { partition: _, ...contact } = FORMS.forms.contact
  const { marketo, deliver } = await start({ contact: { ...contact, marketoForm: 1029 } })

  await deliver({ fields: { mail: 'ana@acme.example' }, _page: 'https://www.acme.example/pilot', _query: 'a=1' })

  expect(marketo.bodies()).toEqual([
    {
      formId: 1029,
      input: [
        {
          leadFormFields: { email: 'ana@acme.example' },
          visitorData: {
            pageURL: 'https://www.acme.example/pilot',
            queryString: 'a=1',
            userAgentString: 'Browser/1',
          },
        },
      ],
    },
  ])
  expect(marketo.problems).toEqual([])
})

it('a lead that a command replays has the batch key of the relay’s transport', async () => {
  const folder = makeFolder()
  const sql = openSqlite(join(folder, 'outbox.sqlite'))
  onTestFinished(() => sql.close())
  const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, batchKeys: batchKeysOf('rest'), limits: WIDE })
  await outbox.add([lead('a', { cookie: COOKIE })], T)
  const [batch] = await outbox.claim(T, LATER, 1)
  const { attempt } = batch!.jobs[0]!
  await outbox.settle(batch!.id, [{ id: 'a', attempt, kind: 'parked', reason: 'x' }], T)

  const admin = await adminFromFolder(folder, { forms: {} })
  await admin.parkedLeads.replay({ ids: ['a'] })
  await admin.close()

  expect(sql.run('SELECT batch_key FROM job')).toEqual([{ batch_key: 'rest ["","email"]' }])
})
