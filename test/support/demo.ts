/**
 * The whole demo for a test: site and simulator run in this process, the relay in its own process, on Node or in workerd.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWorker } from '../../demo/build-worker.ts'
import { demoForms } from '../../demo/forms.ts'
import { DEMO_ACCOUNT, serveSimulator } from '../../demo/simulator/serve.ts'
import type { CallView, LimitsView, PersonView } from '../../demo/simulator/view.ts'
import { serveSite } from '../../demo/site/serve.ts'
import { accountVariables, type Api } from './account-variables.ts'
import { freePort, startProgram, type Program } from './process.ts'
import { askState, OPERATOR } from './operator.ts'

export type Platform = 'node' | 'workerd'

export interface Demo {
  site: string
  relay: string
  journeys: string
  /** The relay's folder on Node, and its forms file. */
  data: string
  formsFile: string
  /** Variables of the relay. */
  variables: Record<string, string>
  /** Returns the relay's process. `startRelay` replaces it. */
  relayProgram: () => Program
  /** Starts the relay again on its data, when its process has ended. */
  startRelay: () => Promise<void>
  stopSimulator: () => Promise<void>
  /** Starts an empty simulator at the same address. */
  startSimulator: () => Promise<void>
  people: () => Promise<PersonView[]>
  calls: () => Promise<CallView[]>
  limits: () => Promise<LimitsView>
  /** Posts a form as the widget does. */
  send: (fields: Record<string, string>) => Promise<Response>
  /** Reads the relay's `/readyz`. */
  readiness: () => Promise<unknown>
  /** Makes the simulator inject a fault. */
  fault: (fault: object) => Promise<void>
  /** Takes back all faults that are left. */
  endFaults: () => Promise<void>
  /** Deletes all people, calls and faults of the simulator. */
  reset: () => Promise<void>
  end: () => Promise<void>
}

/**
 * Starts the demo on free ports.
 *
 * @param more further variables of the relay
 */
export async function startDemo(
  platform: Platform,
  api: Api = 'soap',
  more: Record<string, string> = {},
): Promise<Demo> {
  const data = mkdtempSync(join(tmpdir(), 'form-sync-'))
  const [sitePort, relayPort, simulatorPort] = [await freePort(), await freePort(), await freePort()]
  const [site, relay, journeys] = [sitePort, relayPort, simulatorPort].map((port) => `http://localhost:${port}`) as [
    string,
    string,
    string,
  ]
  const forms = JSON.stringify(demoForms(site))
  const variables = {
    ...accountVariables(api, journeys),
    ...OPERATOR,
    MUNCHKIN_ID: DEMO_ACCOUNT.munchkinId,
    // The calls of a killed relay expire soon.
    MARKETO_TIMEOUT: '3',
    ...more,
  }
  const formsFile = join(data, 'forms.json')
  writeFileSync(formsFile, forms)
  const launch: Record<Platform, () => Promise<Program>> = {
    node() {
      const args = ['relay/cli/form-sync.ts', 'serve', '--forms', formsFile, '--data', join(data, 'node')]
      return startProgram(args, { ...variables, PORT: String(relayPort), HOST: '127.0.0.1' }, /listens at (\S+)/)
    },
    workerd() {
      const args = [
        'test/support/edge-relay.ts',
        join(data, 'workerd'),
        String(relayPort),
        JSON.stringify({ ...variables, FORM_SYNC_FORMS: forms }),
        script ?? '',
        'log',
      ]
      return startProgram(args, {}, /listens at (\S+)/)
    },
  }

  const script = platform === 'workerd' ? await buildWorker(join(data, 'script')) : undefined
  let simulator = await serveSimulator({ port: simulatorPort, site })
  const pages = await serveSite({ port: sitePort, relay, journeys, munchkinId: DEMO_ACCOUNT.munchkinId })
  let program = await launch[platform]()
  const ask = async <T>(path: string) => (await (await fetch(`${journeys}${path}`)).json()) as T
  const post = async (path: string, body: object) => {
    const response = await fetch(`${journeys}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }

  return {
    site,
    relay,
    journeys,
    data: join(data, 'node'),
    formsFile,
    variables,
    relayProgram: () => program,
    startRelay: async () => void (program = await launch[platform]()),
    stopSimulator: () => simulator.close(),
    startSimulator: async () => void (simulator = await serveSimulator({ port: simulatorPort, site })),
    people: () => ask('/sim/leads'),
    calls: () => ask('/sim/calls'),
    limits: () => ask('/sim/limits'),
    send: (fields) =>
      fetch(`${relay}/f/contact`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { accept: 'application/json', origin: site },
      }),
    readiness: async () => (await askState(relay)).json(),
    fault: (fault) => post('/sim/faults', fault),
    endFaults: async () => void (await fetch(`${journeys}/sim/faults`, { method: 'DELETE' })),
    reset: () => post('/sim/reset', {}),
    async end() {
      await program.end()
      await pages.close()
      await simulator.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
