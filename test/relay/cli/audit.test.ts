/** Tests `form-sync audit`, and that commands on a folder record what they do. */
import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { runHere as run } from '../../support/command-here.ts'
import { makeFolder } from '../../support/folder.ts'
import { NOW } from '../../support/relay.ts'
import { within } from '../../support/serve-command.ts'
import { lead } from '../../suites/outbox/leads.ts'

const ME = userInfo().username

/** Creates a folder with a held and a waiting lead. */
async function folderWithLeads(): Promise<string> {
  const folder = makeFolder()
  await within(folder, (outbox) => outbox.add([lead('held', { hold: 'spam' }), lead('waits')], NOW))
  return folder
}

describe('form-sync audit', () => {
  it('lists what commands have done to a folder, the latest first', async () => {
    const folder = await folderWithLeads()
    const data = ['--data', folder]
    await run(['held', '--discard', 'held', '--reason', 'spam', '--yes', ...data])
    await run(['retry', ...data])

    const { status, stdout } = await run(['audit', '--json', ...data])

    const acts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    const own = { by: ME, via: 'command' }
    expect(status).toBe(0)
    expect(acts).toMatchObject([
      { ...own, kind: 'retry', selector: {}, leads: 1 },
      { ...own, kind: 'discard', selector: { state: 'held', id: 'held' }, reason: 'spam', leads: 1 },
    ])
  })

  it('prints each act in words, and says where there is none', async () => {
    const folder = await folderWithLeads()
    const none = await run(['audit', '--data', folder])
    await run(['discard', '--form', 'contact', '--reason', 'a flood', '--yes', '--data', folder])

    const { stdout } = await run(['audit', '--data', folder])

    expect(none.stdout).toBe('No act of an operator is recorded.\n')
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}discard {2}2 leads {2}/) as string,
      '  of          form: contact',
      '  reason      a flood',
      '',
    ])
  })

  it.each([
    [['--limit', '0'], '--limit must be a whole number of at least 1, not "0"'],
    [['--limit', 'x'], '--limit must be a whole number of at least 1, not "x"'],
  ])('exits with 2 for %j', async (words, message) => {
    const { status, stderr } = await run(['audit', ...words])

    expect(status).toBe(2)
    expect(stderr).toContain(`form-sync audit: ${message}`)
  })
})
