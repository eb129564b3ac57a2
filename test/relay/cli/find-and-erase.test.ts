/** Tests `form-sync find` and `form-sync erase` as processes, on a folder. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/index.ts'
import { orderingKeyOf } from '../../../relay/intake/identity.ts'
import { run } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { NOW } from '../../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../../suites/outbox/leads.ts'
import { within } from '../../support/serve-command.ts'

const ZOE = 'zoe@acme.example'

function ofZoe(id: string, over: Parameters<typeof lead>[1] = {}): Lead {
  const attributes = [{ name: 'LastName', value: 'Zander' }]
  return lead(id, { email: ZOE, person: orderingKeyOf(ZOE), acceptedAt: NOW, attributes, cookie: 'mch-zoe', ...over })
}

/** Creates a folder with a delivered, a held and a waiting lead of Zoe, and a lead of another person. */
async function folderOfZoe(): Promise<string> {
  const folder = makeFolder()
  await within(folder, async (outbox) => {
    await outbox.add([ofZoe('delivered')], NOW)
    await settleBatch(outbox, await claimBatch(outbox, NOW, NOW + 1), { kind: 'delivered', leadId: 7 }, NOW)
    await outbox.add([ofZoe('held', { hold: 'looks like spam' }), ofZoe('waits'), lead('other')], NOW)
  })
  return folder
}

describe('form-sync find', () => {
  it('lists every row of the person with its state, form, times and reason', async () => {
    const folder = await folderOfZoe()

    const { status, stdout } = run(['find', 'ZOE@acme.example', '--data', folder])

    expect([status, stdout]).toEqual([
      0,
      [
        '3 rows are stored.',
        '',
        'STATE      FORM     ACCEPTED (UTC)    SINCE (UTC)       ID         REMARKS',
        "delivered  contact  2026-11-23 09:30  2026-11-23 09:30  delivered  Marketo's id 7",
        'held       contact  2026-11-23 09:30  2026-11-23 09:30  held       looks like spam',
        'waiting    contact  2026-11-23 09:30                    waits',
        '',
        'Show one in full, with why it is parked or held: form-sync show <id>.',
        '',
      ].join('\n'),
    ])
  })

  it('shows the rows of a lead’s person by its id, as JSON too, of a receipt that row alone, and says when nothing is stored', async () => {
    const folder = await folderOfZoe()

    const byId = ['held', 'delivered'].map((id) => run(['find', id, '--json', '--data', folder]))
    const none = run(['find', 'nobody@acme.example', '--data', folder])

    expect(byId.map(({ stdout }) => JSON.parse(stdout) as object)).toMatchObject([
      { rows: [{ id: 'delivered' }, { id: 'held', state: 'held' }, { id: 'waits' }] },
      { rows: [{ id: 'delivered' }] },
    ])
    expect([none.status, none.stdout]).toEqual([0, 'Nothing is stored.\n'])
  })

  it.each([
    ['nothing', [], 'give one address or one id'],
    ['two addresses', [ZOE, 'b@acme.example'], 'give one address or one id'],
    ['what is no address', ['zoe@'], 'the address must look like name@example.com, not "zoe@"'],
  ])('exits with 2 for %s', (_, words, message) => {
    const { status, stderr } = run(['find', ...words, '--data', makeFolder()])

    expect(status).toBe(2)
    expect(stderr).toContain(`form-sync find: ${message}`)
  })
})

describe('form-sync erase', () => {
  it('says what would be erased, and changes nothing', async () => {
    const folder = await folderOfZoe()

    const { status, stdout } = run(['erase', ZOE, '--data', folder])

    expect([status, stdout]).toEqual([
      0,
      'Would erase 3 rows: 1 waiting, 1 held, 0 parked, 1 receipt, and 0 owed cookies.\n' +
        'Nothing was changed.\nTo erase them: the same command with --yes\n',
    ])
    await within(folder, async (outbox) => expect(await outbox.status(NOW)).toMatchObject({ waiting: 2, held: 1 }))
  })

  it('erases the person, prints a receipt without the address, and leaves no byte of the data in the file', async () => {
    const folder = await folderOfZoe()
    const file = join(folder, 'outbox.sqlite')
    const before = readFileSync(file)

    const { status, stdout } = run(['erase', ZOE, '--yes', '--data', folder])

    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^Erased 3 rows: 1 waiting, 1 held, 0 parked, 1 receipt, and 0 owed cookies\.\nBy \S+ at 20\S+Z\. A running relay empties its log/,
    )
    const bytes = readFileSync(file)
    const words = ['zoe', 'Zander', 'mch-zoe', 'looks like spam']
    expect(words.filter((word) => before.includes(word))).toEqual(words)
    expect(words.filter((word) => bytes.includes(word) || stdout.includes(word))).toEqual([])
    expect(bytes.includes('other@example.com')).toBe(true)
    expect(run(['find', ZOE, '--data', folder]).stdout).toBe('Nothing is stored.\n')
  })

  it('exits with 1 when rows stay because a call is under way', async () => {
    const folder = await folderOfZoe()
    await within(folder, (outbox) => outbox.claim(NOW, NOW + 1, 10))

    const { status, stdout } = run(['erase', ZOE, '--yes', '--json', '--data', folder])

    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: false, waiting: 0, held: 1, receipts: 1, underWay: 1 })
  })

  it.each([
    ['no address', [], 'give one address'],
    ['an id', ['0193573a-1c00-7000-8000-0123456789ab'], 'the address must look like name@example.com'],
  ])('exits with 2 for %s', (_, words, message) => {
    const { status, stderr } = run(['erase', ...words, '--yes', '--data', makeFolder()])

    expect(status).toBe(2)
    expect(stderr).toContain(`form-sync erase: ${message}`)
  })
})
