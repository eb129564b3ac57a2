/** A bulk act without a selection is refused, and one without a word that it is meant is a preview: by a command and over HTTP. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createSqliteOutbox } from '../../../relay/index.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { runHere } from '../../support/command-here.ts'
import { makeFolder } from '../../support/folder.ts'
import { AS_OPERATOR } from '../../support/operator.ts'
import { NOW, relayUnderTest } from '../../support/relay.ts'
import { lead, park, T } from '../../suites/outbox/leads.ts'
import { openFile } from '../outbox/sqlite/open-file.ts'

const EMAIL = 'waits@example.com'

/** Opens an outbox with a parked, a held and a waiting lead. */
async function open() {
  const data = makeFolder()
  const outbox = await createSqliteOutbox(openFile(join(data, 'outbox.sqlite')), OUTBOX_OPTIONS)
  await park(outbox, [lead('parked')])
  await outbox.add([lead('held', { hold: 'spam' }), lead('waits', { email: EMAIL })], T)
  const state = async () => {
    const { waiting, held, parked } = await outbox.status(NOW)
    return { waiting, held, parked, acts: await outbox.listActs(9) }
  }
  return { data, outbox, state }
}

const UNCHANGED = { waiting: 1, held: 1, parked: 1, acts: [] }

describe('a command without a selection is refused', () => {
  it.each([
    [['discard', '--reason', 'spam', '--yes'], 'no leads are selected'],
    [['held', '--discard', '--reason', 'spam', '--yes'], 'no leads are selected'],
    [['held', '--release', '--yes'], 'no leads are selected'],
    [['release', '--yes'], 'no leads are selected'],
    [['replay'], 'no leads are selected'],
    [['replay', '--set', 'Title=x'], 'no leads are selected'],
    [['replay', '--form', 'contact'], 'no leads are selected'],
    [['edit', '--set', 'Title=x'], 'give one id'],
    [['erase', '--yes'], 'give one address'],
  ])('%j', async (words, message) => {
    const { data, state } = await open()

    const { status, stderr } = await runHere([...words, '--data', data])

    expect([status, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(await state()).toEqual(UNCHANGED)
  })
})

describe('a command that is not told to do it shows what it would do', () => {
  it.each([
    [['discard', '--form', 'contact'], 'Would remove 3 leads. Nothing was changed.'],
    [['held', '--discard', '--all'], 'Would remove 1 lead. Nothing was changed.'],
    [['held', '--release', '--all'], 'Would release 1 lead. Nothing was changed.'],
    [['release', '--all'], 'Would release 1 lead. Nothing was changed.'],
    [['replay', '--all', '--dry-run'], 'Would replay 1 lead.'],
    [['erase', EMAIL], 'Would erase'],
  ])('%j', async (words, message) => {
    const { data, state } = await open()

    const { status, stdout } = await runHere([...words, '--data', data])

    expect([status, stdout]).toEqual([0, expect.stringContaining(message)])
    expect(await state()).toEqual(UNCHANGED)
  })
})

/** Sends a request of an operator to a relay on this outbox. */
async function ask(outbox: Awaited<ReturnType<typeof open>>['outbox'], path: string, body: object): Promise<number> {
  const { app } = relayUnderTest({ outbox })
  const headers = { ...AS_OPERATOR.headers, 'content-type': 'application/json' }
  return (await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) })).status
}

describe('over HTTP', () => {
  it.each([
    ['/v1/discard', { dryRun: false, reason: 'spam' }],
    ['/v1/discard', { dryRun: false, form: 'contact' }],
    ['/v1/replay', {}],
    ['/v1/replay', { ids: [] }],
    ['/v1/replay', { form: 'contact' }],
    ['/v1/replay', { all: false }],
    ['/v1/replay', { set: { Title: 'x' } }],
    ['/v1/erase', { dryRun: false }],
    ['/v1/hold', { reason: 'a flood' }],
  ])('%s %j is refused', async (path, body) => {
    const { outbox, state } = await open()

    expect(await ask(outbox, path, body)).toBe(422)
    expect(await state()).toEqual(UNCHANGED)
  })

  it.each([
    ['/v1/discard', { form: 'contact' }],
    ['/v1/replay', { all: true, dryRun: true }],
    ['/v1/erase', { email: EMAIL }],
  ])('%s %j is a preview', async (path, body) => {
    const { outbox, state } = await open()

    expect(await ask(outbox, path, body)).toBe(200)
    expect(await state()).toEqual(UNCHANGED)
  })
})
