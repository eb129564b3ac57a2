/** Tests `form-sync retry`, and a start with a mended key, as processes against the simulator. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import { createSqliteOutbox } from '../../../relay/outbox/sqlite/outbox.ts'
import { NODE_CRYPTO } from '../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../relay/runtime/node/sqlite-file.ts'
import { AFTER_LEAD } from '../../oracle/memory-outbox.ts'
import { lead, settleNext, T } from '../../suites/outbox/leads.ts'
import { run, runAside } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { filledOutbox } from '../../support/outbox-file.ts'
import { ACME } from '../../support/relay.ts'
import { askState } from '../../support/operator.ts'
import { startServe } from '../../support/serve-command.ts'

const TOKEN = { FORM_SYNC_CONSOLE_TOKEN: 'a-token-of-twenty-characters' }
const SOON = { timeout: 10_000, interval: 20 }

/** Starts a simulator, and returns a function that starts relays on one folder. */
async function startMarketo() {
  const simulator = await serveSimulator({ port: 0 })
  onTestFinished(() => simulator.close())
  const folder = makeFolder()
  const [forms, data] = [join(folder, 'forms.json'), join(folder, 'data')]
  const fields = { Email: { type: 'email', required: true } }
  writeFileSync(forms, JSON.stringify({ forms: { contact: { origins: [ACME], fields } } }))

  async function startRelay(secretKey: string) {
    const { program, url } = await startServe(forms, data, {
      MARKETO_SOAP_ENDPOINT: `${simulator.url}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: secretKey,
      ...TOKEN,
    })
    return {
      url,
      stop: () => program.end(),
      send: (name: string) =>
        fetch(`${url}/f/contact`, {
          method: 'POST',
          body: new URLSearchParams({ Email: `${name}@acme.example` }),
          headers: { origin: ACME, accept: 'application/json' },
        }),
      waitFor: (state: object) =>
        vi.waitFor(
          async () => expect(await (await askState(url, TOKEN.FORM_SYNC_CONSOLE_TOKEN)).json()).toMatchObject(state),
          SOON,
        ),
    }
  }

  return {
    data,
    startRelay,
    fault: (fault: object) =>
      fetch(`${simulator.url}/sim/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fault),
      }),
  }
}

it('D8: a relay that is started with a mended key delivers at once', { timeout: 30_000 }, async () => {
  const { startRelay } = await startMarketo()
  const first = await startRelay('a-wrong-secret')
  await first.send('ana')
  await first.waitFor({ state: 'blocked', backlog: 1, delivered: 0 })
  await first.stop()

  const second = await startRelay(DEMO_ACCOUNT.secretKey)

  await second.waitFor({ state: 'ok', backlog: 0, delivered: 1 })
})

describe('form-sync retry', () => {
  it.each(['--relay', '--data'])('makes the relay deliver at once, with %s', { timeout: 30_000 }, async (source) => {
    const { data, startRelay, fault } = await startMarketo()
    const relay = await startRelay(DEMO_ACCOUNT.secretKey)
    await fault({ fault: '20013', times: 1 })
    await relay.send('ana')
    await relay.waitFor({ state: 'blocked', backlog: 1 })

    const { code, printed } = await runAside(['retry', source, source === '--relay' ? relay.url : data], TOKEN)

    expect(code).toBe(0)
    expect(printed).toMatch(/^Marketo rejected the account: 20013 Access Denied.*\.\nThe next call may go now\.\n/)
    await relay.waitFor({ state: 'ok', backlog: 0, delivered: 1 })
  })

  it('says so if calls were not stopped', async () => {
    const { folder } = await filledOutbox(1)

    const { status, stdout } = run(['retry', '--data', folder])

    expect(status).toBe(0)
    expect(stdout).toMatch(/^Calls were not stopped; nothing was changed\.\n1 lead waits\. A running relay sends them/)
  })

  it('says how many cookies of delivered leads are owed', async () => {
    const { folder, path } = await filledOutbox(0)
    const sql = openSqlite(path)
    const outbox = await createSqliteOutbox(sql, { batchKeys: AFTER_LEAD, crypto: NODE_CRYPTO })
    await outbox.add([lead('a', { cookie: 'c' })], T)
    await settleNext(outbox, { kind: 'delivered', leadId: 7 })
    sql.close()

    expect(run(['retry', '--data', folder]).stdout).toContain(
      '\n1 cookie of delivered leads is still to be associated.',
    )
    expect(JSON.parse(run(['retry', '--json', '--data', folder]).stdout)).toMatchObject({ waiting: 0, owedCookies: 1 })
  })

  it('prints one JSON object with --json', async () => {
    const { folder } = await filledOutbox(2)

    const { stdout } = run(['retry', '--json', '--data', folder])

    expect(JSON.parse(stdout)).toEqual({ waiting: 2, quotaSpent: false, ownLimitMet: false })
  })

  it.each([
    [['retry', 'now'], 2, 'now'],
    [['retry', '--all'], 2, 'unknown option: --all; allowed are --relay, --data, --account, --json, --help'],
    [['retry', '--data', 'missing'], 2, 'there is no outbox in missing'],
  ])('exits with an error: %s', (words, code, message) => {
    const { status, stderr } = run(words)

    expect(status).toBe(code)
    expect(stderr).toContain(message)
  })
})
