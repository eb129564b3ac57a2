/** Tests `form-sync export` as a process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ExportedLead } from '../../../relay/admin/export-leads.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { run } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { lead, LATER, settlement, T, WIDE } from '../../suites/outbox/leads.ts'

/** Creates the folder of a relay with one delivered, one parked, one held and `waiting` waiting leads. */
async function makeOutbox(waiting: number): Promise<string> {
  const folder = makeFolder()
  const sql = openSqlite(join(folder, 'outbox.sqlite'))
  const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE })
  await outbox.add([lead('delivered'), lead('parked', { cookie: 'id:1&token:t' })], T)
  const jobs = (await outbox.claim(T, LATER, 2)).flatMap((batch) => batch.jobs)
  await outbox.settle(
    0,
    jobs.map((job) =>
      settlement(
        job,
        job.lead.id === 'parked' ? { kind: 'parked', reason: '20106' } : { kind: 'delivered', leadId: 7 },
      ),
    ),
    T,
  )
  await outbox.add([lead('held', { hold: 'many links' })], T)
  await outbox.add(
    Array.from({ length: waiting }, (_, at) => lead(`waiting-${String(at).padStart(4, '0')}`)),
    T,
  )
  sql.close()
  return folder
}

function parse(stdout: string): ExportedLead[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedLead)
}

it('prints every undelivered lead with its values, and leaves the file as it is', async () => {
  const folder = await makeOutbox(450)
  const before = readFileSync(join(folder, 'outbox.sqlite'))

  const { status, stdout } = run(['export', '--data', folder])

  const leads = parse(stdout)
  expect(status).toBe(0)
  expect(leads.map(({ state }) => state)).toEqual([...Array.from({ length: 450 }, () => 'waiting'), 'held', 'parked'])
  expect(new Set(leads.map(({ id }) => id)).size).toBe(452)
  expect(leads.at(-1)).toEqual({
    id: 'parked',
    form: 'contact',
    email: 'parked@example.com',
    cookie: 'id:1&token:t',
    notes: [],
    state: 'parked',
    acceptedAt: '2023-11-14T22:13:20.000Z',
    attempts: 1,
    attributes: { FirstName: 'George' },
    reason: '20106',
    rejectedAttributes: [],
    staleAttributes: [],
  })
  expect(readFileSync(join(folder, 'outbox.sqlite')).equals(before)).toBe(true)
})

it('prints the leads of the states that --state names', async () => {
  const folder = await makeOutbox(1)

  const { stdout } = run(['export', '--state', 'held,parked'], { FORM_SYNC_DATA: folder })

  expect(parse(stdout).map(({ id, reason }) => [id, reason])).toEqual([
    ['held', 'many links'],
    ['parked', '20106'],
  ])
})

it.each([
  [['--state', 'delivered'], 'unknown state: delivered; allowed are waiting, held, parked'],
  [['--all'], 'unknown option: --all; allowed are --relay, --data, --account, --state, --format, --help'],
  [['--format', 'xlsx'], '--format must be jsonl or csv, not "xlsx"'],
])('%j: exits with 2 and says what is wrong', (words, message) => {
  const { status, stderr } = run(['export', ...words], { FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters' })

  expect(status).toBe(2)
  expect(stderr).toContain(message)
})
