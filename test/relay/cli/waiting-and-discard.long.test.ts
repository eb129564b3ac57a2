/** Tests `form-sync waiting` and `form-sync discard` as processes, on a folder and beside a running relay. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Survey } from '../../../relay/admin/waiting-leads.ts'
import type { Lead } from '../../../relay/index.ts'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { ACME, NOW } from '../../support/relay.ts'
import { lead } from '../../suites/outbox/leads.ts'
import { askState } from '../../support/operator.ts'
import { SILENT_MARKETO, startServe, within } from '../../support/serve-command.ts'

const TOKEN = { FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters' }
const BOT = '192.0.2.1'

/** Creates a folder with leads that wait. */
async function folderWith(...leads: Lead[]): Promise<string> {
  const folder = makeFolder()
  await within(folder, (outbox) => outbox.add(leads, NOW))
  return folder
}

const contact = (id: string, network: string): Lead =>
  lead(id, { email: `${id}@spam.example`, network, acceptedAt: NOW })

/** Returns the largest source of a folder. */
function largestSource(folder: string): string {
  const { stdout } = run(['waiting', '--by', 'source', '--json', '--data', folder])
  return (JSON.parse(stdout) as Survey).groups[0]?.value ?? ''
}

describe('form-sync waiting', () => {
  it('counts the leads in groups, without personal data', async () => {
    const folder = await folderWith(
      contact('a', BOT),
      contact('b', BOT),
      lead('c', { form: 'demo', hold: 'spam', email: 'c@acme.example' }),
    )

    const { status, stdout } = run(['waiting', '--data', folder])

    expect([status, stdout]).toEqual([
      0,
      '3 leads are not delivered.\n\nFORM     WAITING  HELD\ncontact        2     0\ndemo           0     1\n',
    ])
  })

  it('counts the selected leads by another key', async () => {
    const folder = await folderWith(contact('a', BOT), lead('b', { email: 'b@acme.example', acceptedAt: NOW }))

    const hours = run(`waiting --by hour --form contact --domain spam.example --data ${folder}`.split(' '))
    const none = run(['waiting', '--form', 'demo'], { FORM_SYNC_DATA: folder })

    expect(hours.stdout).toBe(
      '1 lead is not delivered.\n\nACCEPTED IN THE HOUR FROM (UTC)  WAITING\n2026-11-23 09:00                       1\n',
    )
    expect([none.status, none.stdout]).toEqual([0, 'No lead is selected that is not delivered.\n'])
  })

  it.each([
    ['--by email', '--by must be one of form, source, hour, domain, state, reason, rule, not "email"'],
    ['--state leased --from x', '--state must be one of waiting, held, parked; --from must be a time in UTC'],
  ])('exits with 2 for %s', (options, message) => {
    const { status, stderr } = run(['waiting', ...options.split(' ')])

    expect(status).toBe(2)
    expect(stderr).toContain(`form-sync waiting: ${message}`)
  })
})

describe('form-sync discard', () => {
  it('says what would be removed and how to go on, and changes nothing', async () => {
    const folder = await folderWith(contact('a', BOT), lead('b', { form: 'a form' }))

    const { status, stdout } = run(['discard', '--form', 'a form', '--state', 'waiting', '--data', folder])

    expect([status, stdout]).toEqual([
      0,
      'Would remove 1 lead. Nothing was changed.\n' +
        `To remove them: form-sync discard --state waiting --form 'a form' --data ${folder} --reason "…" --yes\n`,
    ])
    await within(folder, async (outbox) => expect(await outbox.status(NOW)).toMatchObject({ waiting: 2 }))
  })

  it('removes 20,000 leads of one source, and the 50 visitors between them stay', { timeout: 60_000 }, async () => {
    const leads = Array.from({ length: 20_050 }, (_, at) =>
      contact(`lead-${at}`, at % 401 === 0 ? `198.51.100.${at / 401}` : BOT),
    )
    const folder = await folderWith(...leads)
    const source = largestSource(folder)

    const { status, stdout } = run(
      ['discard', '--source', source, '--reason', 'a flood', '--yes', '--data', folder],
      {},
    )

    expect([status, stdout]).toEqual([0, 'Removed 20,000 leads.\n'])
    await within(folder, async (outbox) => {
      expect(await outbox.status(NOW)).toMatchObject({ waiting: 50, delivered: 0 })
      const left = await outbox.list('waiting', 100)
      expect(left.map(({ id }) => Number(id.slice(5)) % 401)).toEqual(Array(50).fill(0))
      const receipt = await outbox.find('lead-1')
      expect(receipt).toMatchObject({
        state: 'discarded',
        notes: [expect.stringMatching(/^discarded by .*: a flood$/)],
      })
      expect(JSON.stringify(receipt)).not.toContain('spam.example')
    })
  })

  it('exits with 1 when leads stay because a call is under way', async () => {
    const folder = await folderWith(contact('a', BOT), contact('b', BOT))
    await within(folder, (outbox) => outbox.claim(NOW, NOW + 1, 1))

    const { status, stdout } = run(['discard', '--form', 'contact', '--reason', 'x', '--yes', '--data', folder])

    expect([status, stdout]).toEqual([
      1,
      'Removed 0 leads.\n2 more leads stayed: a call is under way. Try again in two minutes.\n',
    ])
  })

  it.each([
    ['no selection', '--reason x --yes', 'no leads are selected; give at least one of --state, --id, --form'],
    ['no reason', '--form contact --yes', '--yes requires --reason'],
    ['an address as reason', '--form contact --yes --reason a@b.example', 'without an e-mail address'],
  ])('exits with 2 for %s', (_, options, message) => {
    const { status, stderr } = run(['discard', ...options.split(' '), '--data', makeFolder()])

    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })

  it('works on a running relay, over HTTP and on its folder', { timeout: 30_000 }, async () => {
    const folder = makeFolder()
    const [forms, data] = [join(folder, 'forms.json'), join(folder, 'data')]
    const fields = { Email: { type: 'email', required: true } }
    const form = { origins: [ACME], fields }
    writeFileSync(forms, JSON.stringify({ forms: { contact: form, demo: form, plain: form } }))
    const { url } = await startServe(forms, data, {
      ...SILENT_MARKETO,
      ...TOKEN,
    })
    for (const name of ['contact', 'demo', 'plain']) {
      const body = new URLSearchParams({ Email: `${name}@acme.example` })
      await fetch(`${url}/f/${name}`, { method: 'POST', body, headers: { origin: ACME, accept: 'application/json' } })
    }
    const removed = async (name: string, source: string[]) => {
      // A call may be under way while the relay finds out that nothing answers.
      await vi.waitFor(
        async () => {
          const { printed } = await runAside(
            ['discard', '--form', name, '--reason', 'a flood', '--yes', ...source],
            TOKEN,
          )
          expect(printed).toBe('Removed 1 lead.\n')
        },
        { timeout: 15_000, interval: 200 },
      )
    }

    await removed('contact', ['--relay', url])
    await removed('demo', ['--data', data])
    const { printed } = await runAside(['waiting', '--relay', url], TOKEN)

    expect(printed).toBe('1 lead is not delivered.\n\nFORM   WAITING\nplain        1\n')
    expect(await (await askState(url, TOKEN.FORM_SYNC_CONSOLE_TOKEN)).json()).toMatchObject({ backlog: 1, parked: 0 })
  })
})
