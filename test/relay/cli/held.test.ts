/** Tests `form-sync held` as a process, on a folder and on a running relay. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../relay/index.ts'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { ACME, NOW } from '../../support/relay.ts'
import { lead } from '../../suites/outbox/leads.ts'
import { SILENT_MARKETO, startServe, within } from '../../support/serve-command.ts'

const TOKEN = { FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters' }
const FORMS = {
  forms: {
    contact: { origins: [ACME], fields: { Email: { type: 'email', required: true } }, rules: { links: 'hold' } },
  },
}

async function folderWith(...leads: Lead[]): Promise<string> {
  const folder = makeFolder()
  writeFileSync(join(folder, 'forms.json'), JSON.stringify(FORMS))
  await within(folder, (outbox) => outbox.add(leads, NOW))
  return folder
}

const held = (id: string, rule: string): Lead =>
  lead(id, { hold: `${rule}: seen`, rules: [rule], email: `${id}@acme.example`, acceptedAt: NOW })

const inFolder = (folder: string, words: string) =>
  run(['held', ...words.split(' ').filter(Boolean), '--data', folder], {
    FORM_SYNC_FORMS: join(folder, 'forms.json'),
  })

describe('form-sync held', () => {
  it('lists the held leads with their rules, and no personal data but with --values', async () => {
    const folder = await folderWith(held('a', 'links'), held('b', 'honeypot'), lead('waits'))

    const all = inFolder(folder, '')
    const one = inFolder(folder, '--rule honeypot --json')
    const values = inFolder(folder, 'a --values')

    expect(all.stdout).toMatch(
      /^2 held leads, the oldest for .*\n\na\n {2}contact {2}2026-11-23 09:30 UTC\n {2}links: seen/,
    )
    expect(all.stdout).not.toContain('@acme.example')
    expect(
      one.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Lead).id),
    ).toEqual(['b'])
    expect(values.stdout).toContain('email: a@acme.example')
  })

  it('says what a release would do, releases, and names the rule to change', async () => {
    const folder = await folderWith(held('a', 'links'), held('b', 'links'), held('c', 'honeypot'))

    const would = inFolder(folder, '--release --rule links')
    const before = await within(folder, (outbox) => outbox.status(NOW))
    const done = inFolder(folder, '--release --rule links --yes')

    expect([would.status, would.stdout]).toEqual([
      0,
      [
        'Would release 2 leads. Nothing was changed.',
        `To release them: form-sync held --release --rule links --data ${folder} --yes`,
        '',
        'Such leads will be held again, unless you change this:',
        '  2 leads of contact, held by the rule links: "contact": { "rules": { "links": "watch" } }',
        '',
      ].join('\n'),
    ])
    expect(before).toMatchObject({ held: 3 })
    expect(done.stdout).toMatch(/^Released 2 leads\..*\n\nSuch leads will be held again/)
    await within(folder, async (outbox) => expect(await outbox.status(NOW)).toMatchObject({ held: 1, waiting: 2 }))
  })

  it('discards held leads by their ids, with the reason on the receipt', async () => {
    const folder = await folderWith(held('a', 'links'), held('b', 'links'))

    const would = inFolder(folder, '--discard a')
    const done = inFolder(folder, '--discard a --reason spam --yes')

    expect(would.stdout).toBe(
      'Would remove 1 lead. Nothing was changed.\n' +
        `To remove them: form-sync held --discard a --data ${folder} --reason "…" --yes\n`,
    )
    expect(done.stdout).toBe('Removed 1 lead.\n')
    await within(folder, async (outbox) => {
      expect(await outbox.find('a')).toMatchObject({ state: 'discarded', notes: [expect.stringMatching(/: spam$/)] })
      expect(await outbox.find('b')).toMatchObject({ state: 'held' })
    })
  })

  it.each([
    ['--release', 'no leads are selected; give ids, or --form, --rule, --from, --until or --domain, or --all'],
    ['--release --discard --all', 'use either --release or --discard, not both'],
    ['--release a --rule links', 'use either ids, or a selection, or --all'],
    ['--discard --all --yes', '--discard --yes requires --reason, which is noted on each receipt'],
    ['--discard --all --reason ana@acme.example', '--reason must be text of up to 200 characters'],
    ['--yes', '--yes requires --release or --discard'],
    ['--limit 0', '--limit must be a whole number of at least 1, not "0"'],
    ['--rule links --from x', '--from must be a time in UTC'],
  ])('exits with 2 for %s', (options, message) => {
    const { status, stderr } = run(['held', ...options.split(' ')])

    expect(status).toBe(2)
    expect(stderr).toContain(`form-sync held: ${message}`)
  })

  it('releases and discards on a running relay, over HTTP', { timeout: 90_000 }, async () => {
    const folder = await folderWith(held('a', 'links'), held('b', 'honeypot'))
    const { url } = await startServe(join(folder, 'forms.json'), folder, { ...SILENT_MARKETO, ...TOKEN })
    const remote = (options: string) => runAside(['held', ...options.split(' '), '--relay', url], TOKEN)

    const released = await remote('--release a --yes')
    const discarded = await remote('--discard --rule honeypot --reason spam --yes')
    const left = await remote('--limit 5')

    expect(released.printed).toMatch(/^Released 1 lead\. The relay sends them now\.\n\nSuch leads/)
    expect(discarded.printed).toBe('Removed 1 lead.\n')
    expect(left.printed).toBe('No leads are held.\n')
  })
})
