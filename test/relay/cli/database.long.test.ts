/** Tests relays that share a database, and the commands on that database. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../demo/simulator/serve.ts'
import type { PersonView } from '../../../demo/simulator/view.ts'
import { LIMITS } from '../../../relay/outbox/limits/limits.ts'
import { OUTBOX_OPTIONS } from '../../../relay/runtime/node/outbox-crypto.ts'
import { openPostgres } from '../../../relay/runtime/node/postgres.ts'
import { COMMAND, run } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { withPostgres } from '../../support/postgres.ts'
import { startProgram, type Program } from '../../support/process.ts'
import { ACME, FORMS } from '../../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../../suites/outbox/leads.ts'
import { askState, OPERATOR } from '../../support/operator.ts'

const SOON = { timeout: 15_000, interval: 50 }

/** Starts a relay in its own process, which is killed after the test. */
async function startRelay(env: Record<string, string>): Promise<Program> {
  const forms = join(makeFolder(), 'forms.json')
  const { plain } = FORMS.forms
  writeFileSync(forms, JSON.stringify({ forms: { plain } }))
  const words = [COMMAND, 'serve', '--forms', forms, '--port', '0', '--host', '127.0.0.1']
  const relay = await startProgram(words, env, /listens at (\S+)/)
  onTestFinished(() => void relay.end('SIGKILL'))
  return relay
}

/** Posts a form as the widget does. */
function sendTo(relay: Program, name: string): Promise<Response> {
  return fetch(`${relay.ready[1]}/f/plain`, {
    method: 'POST',
    headers: { origin: ACME, accept: 'application/json' },
    body: new URLSearchParams({ Email: `${name}@acme.example` }),
  })
}

/** Starts a simulator until the end of the test. Returns its URL and the variables of a relay for it. */
async function simulate() {
  const { url, close } = await serveSimulator({ port: 0 })
  onTestFinished(() => close())
  return {
    url,
    env: {
      MARKETO_SOAP_ENDPOINT: `${url}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
      ...OPERATOR,
    },
  }
}

withPostgres({}, (server) => {
  describe('relays on one database', () => {
    it('deliver each lead once, including the leads of a relay that is killed', { timeout: 40_000 }, async () => {
      const simulator = await simulate()
      // The leases of a killed relay expire soon.
      const env = { ...simulator.env, FORM_SYNC_DATABASE: await server.schema(), MARKETO_TIMEOUT: '1' }
      const relays = [await startRelay(env), await startRelay(env)]
      const send = (at: number, name: string) => sendTo(relays[at % 2]!, name)
      const people = async () => (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]

      const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => send(at, `person-${at}`)))
      await relays[0]?.end('SIGKILL')
      const afterKill = await send(1, 'after')

      expect([...answers, afterKill].map(({ status }) => status)).toEqual(Array.from({ length: 41 }, () => 202))
      await vi.waitFor(async () => expect(await people()).toHaveLength(41), SOON)
      const readiness = async () => (await askState(relays[1]!.ready[1]!)).json()
      await vi.waitFor(async () => expect(await readiness()).toMatchObject({ backlog: 0, delivered: 41 }), SOON)
      expect(new Set((await people()).map(({ email }) => email)).size).toBe(41)
    })

    it('raise one alert for an issue: a relay that starts later does not repeat it', async () => {
      const simulator = await simulate()
      const env = {
        ...simulator.env,
        FORM_SYNC_DATABASE: await server.schema(),
        MARKETO_SECRET_KEY: 'a-wrong-secret',
      }
      const alerts = (relay: Program) => relay.printed().match(/"event":"alert".*/g) ?? []

      const first = await startRelay(env)
      await sendTo(first, 'ana')
      await vi.waitFor(() => expect(alerts(first)).toHaveLength(1), SOON)
      const second = await startRelay(env)
      const { blocked } = (await (await askState(second.ready[1]!)).json()) as { blocked: boolean }
      // The relay finishes its work at start-up before it stops.
      await second.end()

      expect(blocked).toBe(true)
      expect(alerts(first)).toEqual([expect.stringMatching(/"change":"started".*"kind":"blocked"/)])
      expect(alerts(second)).toEqual([])
    })

    it(
      'have a panic switch: all of them hold the next lead, and a person in it is found and erased',
      { timeout: 60_000 },
      async () => {
        const simulator = await simulate()
        const env = { ...simulator.env, FORM_SYNC_DATABASE: await server.schema() }
        const relays = [await startRelay(env), await startRelay(env)]
        const forms = join(makeFolder(), 'forms.json')
        writeFileSync(forms, JSON.stringify({ forms: { plain: FORMS.forms.plain } }))
        const command = (...words: string[]) => run(words, { FORM_SYNC_DATABASE: env.FORM_SYNC_DATABASE }).stdout

        const held = command('hold', 'plain', '--reason', 'a flood', '--forms', forms)
        for (const relay of relays) await sendTo(relay, 'zoe')
        await sendTo(relays[0]!, 'ana')
        const state = (await (await askState(relays[1]!.ready[1]!)).json()) as { issues: { kind: string }[] }
        const found = JSON.parse(command('find', 'zoe@acme.example', '--json')) as { rows: object[] }
        const erased = command('erase', 'zoe@acme.example', '--yes')
        const off = command('hold', 'plain', '--off')

        expect(held).toContain('All new leads of plain are held from now on.')
        expect(state.issues.map(({ kind }) => kind)).toEqual(['form-held'])
        const reason = 'all leads of the form are held: a flood'
        expect(found.rows).toMatchObject([
          { state: 'held', reason },
          { state: 'held', reason },
        ])
        expect(erased).toMatch(
          /^Erased 2 rows: 0 waiting, 2 held, .*\nBy .* The server keeps old versions of the rows until VACUUM/,
        )
        expect(command('find', 'zoe@acme.example')).toBe('Nothing is stored.\n')
        expect(off).toContain('1 lead of plain is held now.')
      },
    )

    it('show and replay the parked leads', async () => {
      const url = await server.schema()
      const { outbox, now, close } = await openPostgres(url, { ...OUTBOX_OPTIONS, limits: LIMITS })
      await outbox.add([lead('a')], now())
      const batch = await claimBatch(outbox, now(), now() + 60_000)
      await settleBatch(outbox, batch, { kind: 'parked', reason: '20110 Bad Parameter' }, now())

      const shown = run(['parked', '--json'], { FORM_SYNC_DATABASE: url })
      const replayed = run(['replay', '--all', '--keep-settings', '--rename', 'FirstName=First_Name__c'], {
        FORM_SYNC_DATABASE: url,
      })
      const again = await outbox.find('a')
      await close()

      expect(shown.status).toBe(0)
      expect(JSON.parse(shown.stdout)).toMatchObject({ id: 'a', reason: '20110 Bad Parameter' })
      expect(replayed).toMatchObject({ status: 0, stderr: '' })
      expect(again).toMatchObject({
        state: 'waiting',
        lead: { attributes: [{ name: 'First_Name__c', value: 'George' }] },
      })
    })
  })

  it('the commands count and remove undelivered leads beside the relays', async () => {
    const FORM_SYNC_DATABASE = await server.schema()
    const { outbox, close } = await openPostgres(FORM_SYNC_DATABASE, { ...OUTBOX_OPTIONS, limits: LIMITS })
    onTestFinished(() => close())
    await outbox.add([lead('a'), lead('b', { form: 'plain' }), lead('c', { hold: 'spam' })], Date.now())
    const words = ['discard', '--domain', 'EXAMPLE.com', '--form', 'contact']

    const waiting = run(['waiting', '--by', 'domain'], { FORM_SYNC_DATABASE })
    const dry = run(words, { FORM_SYNC_DATABASE })
    const before = await outbox.status(Date.now())
    const done = run([...words, '--reason', 'a flood', '--yes'], { FORM_SYNC_DATABASE })

    expect(waiting.stdout).toBe(
      '3 leads are not delivered.\n\nDOMAIN       WAITING  HELD\nexample.com        2     1\n',
    )
    expect(dry.stdout).toMatch(/^Would remove 2 leads\. Nothing was changed\.\n/)
    expect(before).toMatchObject({ waiting: 2, held: 1 })
    expect([done.status, done.stdout]).toEqual([0, 'Removed 2 leads.\n'])
    expect(await outbox.status(Date.now())).toMatchObject({ waiting: 1, held: 0, delivered: 0 })
    expect(await outbox.find('c')).toMatchObject({ state: 'discarded' })
  })

  it('the commands name a database that does not respond, without its password', async () => {
    const url = 'postgres://form_sync:hunter2secret@127.0.0.1:9/leads'

    const { status, stderr } = run(['parked'], { FORM_SYNC_DATABASE: url })

    expect(status).toBe(1)
    expect(stderr).toContain('postgres://127.0.0.1:9/leads cannot be used as an outbox')
    expect(stderr).not.toContain('hunter2secret')
  })
})
