/** What a data folder keeps of REST calls: people, calls and forms, but no secret. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openJournal } from '../../../../demo/simulator/journal-file.ts'
import { ACCOUNT, COOKIE, TOKEN } from '../simulator-client.ts'
import { openRest, type RestClient } from './rest-client.ts'

const ANA = { email: 'ana@acme.example', firstName: 'Ana' }
const FORM = { id: 7, name: 'Survey', status: 'approved', workspace: 'Default', fields: ['Email', 'FirstName'] }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rest-journal-'))
})
afterEach(() => rm(folder, { recursive: true }))

function open(): RestClient {
  return openRest({ journal: openJournal(folder) })
}

async function readAll(rest: RestClient): Promise<unknown> {
  const forms: unknown = await (await rest.app.request('/sim/forms')).json()
  return { leads: await rest.leads(), calls: await rest.calls('?records=1'), call: await rest.call(1), forms }
}

async function live(rest: RestClient): Promise<string> {
  const token = await rest.token()
  await rest.visit(TOKEN, '/pricing')
  await rest.control('/sim/forms', { forms: [FORM] })
  await rest.syncLeads([ANA], {}, { token })
  await rest.associate(700002, COOKIE, { token })
  await rest.submit(ANA, { formId: 7 }, { token })
  return token
}

it('a restart restores people with their activities, calls and forms', async () => {
  const rest = open()
  await live(rest)
  const before = await readAll(rest)

  const restarted = open()

  expect(await readAll(restarted)).toEqual(before)
  expect(before).toMatchObject({
    leads: [{ activities: [{ type: 'visit' }, { type: 'known' }, {}, { type: 'associated' }, {}, { type: 'form' }] }],
    forms: [FORM],
  })
})

it('a restart makes every token invalid', async () => {
  const token = await live(open())

  const answer = await open().syncLeads([ANA], {}, { token })

  expect(answer.body.errors).toMatchObject([{ code: '601' }])
})

it('the data folder has neither a token nor a secret', async () => {
  const token = await live(open())

  const text = await readFile(join(folder, 'simulator.jsonl'), 'utf8')

  expect(text).toContain('/identity/oauth/token')
  expect(text).not.toContain(token)
  expect(text).not.toContain(ACCOUNT.clientSecret)
})
