/** Tests `form-sync hold` as a process, on a folder and beside a running relay. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { ACME, NOW } from '../../support/relay.ts'
import { lead } from '../../suites/outbox/leads.ts'
import { askState } from '../../support/operator.ts'
import { SILENT_MARKETO, startServe, within } from '../../support/serve-command.ts'

const TOKEN = { FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters' }

/** Writes a forms file with the forms `contact` and `plain`, and returns its path. */
function writeForms(folder: string): string {
  const path = join(folder, 'forms.json')
  const form = { origins: [ACME], fields: { Email: { type: 'email', required: true } } }
  writeFileSync(path, JSON.stringify({ forms: { contact: form, plain: form } }))
  return path
}

describe('form-sync hold', () => {
  it('holds all new leads of a form, lists it, and ends it: what was held stays held', async () => {
    const folder = makeFolder()
    const forms = writeForms(folder)
    await within(folder, (outbox) => outbox.add([lead('before')], NOW))
    const hold = (...words: string[]) => run(['hold', ...words, '--data', folder], { FORM_SYNC_FORMS: forms })

    const on = hold('contact', '--reason', 'a flood')
    await within(folder, (outbox) => outbox.add([lead('a'), lead('b'), lead('c', { form: 'plain' })], NOW))
    const listed = hold()
    const off = hold('contact', '--off')
    const again = hold('contact', '--off')
    const none = hold()

    expect([on.status, on.stdout]).toEqual([
      0,
      'All new leads of contact are held from now on. 0 leads of contact are held now.\n' +
        'To end it: form-sync hold contact --off\n',
    ])
    expect(listed.stdout).toMatch(
      /^contact: all new leads are held since \d{4}-\d\d-\d\d \d\d:\d\d \(\S+: a flood\)\n$/,
    )
    expect(off.stdout).toBe(
      'New leads of contact are delivered again. 2 leads of contact are held now.\n' +
        'They stay held until you decide. To see them: form-sync held --form contact\n' +
        'To send them: form-sync held --release --form contact\n',
    )
    expect(again.stdout).toContain('New leads of contact were not held. 2 leads')
    expect([none.status, none.stdout]).toEqual([0, 'No form is held.\n'])
    await within(folder, async (outbox) => expect(await outbox.status(NOW)).toMatchObject({ waiting: 2, held: 2 }))
  })

  it('prints one JSON object', async () => {
    const folder = makeFolder()
    await within(folder, (outbox) => outbox.add([], NOW))
    const forms = writeForms(folder)

    const on = run(['hold', 'contact', '--reason', 'x', '--json', '--data', folder, '--forms', forms])
    const listed = run(['hold', '--json', '--data', folder])

    expect(JSON.parse(on.stdout)).toEqual({ form: 'contact', on: true, changed: true, held: 0 })
    expect(JSON.parse(listed.stdout)).toMatchObject({ forms: [{ form: 'contact', reason: 'x' }] })
  })

  it.each([
    ['no reason', ['contact'], '--reason is required, unless --off is given'],
    ['no form', ['--off'], 'no form is named; give its name first'],
    ['two forms', ['contact', 'plain', '--off'], 'one form at a time can be named'],
    ['a reason to end it', ['contact', '--off', '--reason', 'x'], 'use either --reason or --off, not both'],
    ['an address as reason', ['contact', '--reason', 'a@b.example'], 'without an e-mail address'],
    ['an account', ['contact', '--off', '--account', 'x'], 'unknown option: --account; allowed are --reason, --off'],
  ])('exits with 2 for %s', (_, words, message) => {
    const { status, stderr } = run(['hold', ...words, '--data', makeFolder()])

    expect(status).toBe(2)
    expect(stderr).toContain(`form-sync hold: `)
    expect(stderr).toContain(message)
  })

  it('exits with 2 for a form that is not in the forms file, and names those that are', async () => {
    const folder = makeFolder()
    await within(folder, (outbox) => outbox.add([], NOW))
    const forms = writeForms(folder)

    const { status, stderr } = run(['hold', 'contct', '--reason', 'x', '--data', folder, '--forms', forms])

    expect(status).toBe(2)
    expect(stderr).toContain('there is no form named "contct" in ')
    expect(stderr).toContain('allowed are contact, plain')
  })

  it(
    'is a panic switch: a running relay holds the next lead, over HTTP and on its folder',
    { timeout: 30_000 },
    async () => {
      const folder = makeFolder()
      const [forms, data] = [writeForms(folder), join(folder, 'data')]
      const { url } = await startServe(forms, data, {
        ...SILENT_MARKETO,
        ...TOKEN,
      })
      const send = async (name: string) => {
        const body = new URLSearchParams({ Email: 'zoe@acme.example' })
        const headers = { origin: ACME, accept: 'application/json' }
        return (await fetch(`${url}/f/${name}`, { method: 'POST', body, headers })).status
      }
      const hold = async (name: string, source: string[]) =>
        (await runAside(['hold', name, '--reason', 'a flood', ...source], TOKEN)).printed

      const printed = [await hold('contact', ['--relay', url]), await hold('plain', ['--data', data, '--forms', forms])]
      const statuses = [await send('contact'), await send('plain')]

      expect(printed[0]).toContain('All new leads of contact are held from now on.')
      expect(printed[1]).toContain('All new leads of plain are held from now on.')
      expect(statuses).toEqual([202, 202])
      const state = (await (await askState(url, TOKEN.FORM_SYNC_CONSOLE_TOKEN)).json()) as { issues: object[] }
      expect(state).toMatchObject({ backlog: 0 })
      expect(state.issues).toEqual([expect.objectContaining({ kind: 'form-held', count: 2 })])
    },
  )
})
