/** The relay under a flood, as its own process behind a trusted proxy on this machine, and a simulator of Marketo. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveSimulator } from '../../demo/simulator/serve.ts'
import type { PersonView } from '../../demo/simulator/view.ts'
import { endChild, makeTempFolder, spawnChild, waitForOutput } from '../chaos/cleanup.ts'
import { accountVariables } from '../support/account-variables.ts'
import { AS_OPERATOR, OPERATOR } from '../support/operator.ts'

export const ORIGIN = 'https://www.acme.example'

const FORMS = {
  forms: {
    contact: {
      origins: [ORIGIN],
      fields: { Email: { type: 'email', required: true }, LastName: {} },
      ticket: true,
    },
    // What a robot's lead becomes, by the setting of the rule.
    held: { origins: [ORIGIN], fields: { Email: { type: 'email', required: true } }, rules: { honeypot: 'hold' } },
    dropped: { origins: [ORIGIN], fields: { Email: { type: 'email', required: true } }, rules: { honeypot: 'drop' } },
  },
}

/** Heap of the relay, in MB, where its memory is limited. */
const LIMITED_HEAP_MB = 160

interface State {
  backlog: number
  calls: { today: number; of: number }
}

export interface Setting {
  url: string
  port: number
  /** Folder of the outbox, for commands. */
  data: string
  variables: Record<string, string>
  people: () => Promise<PersonView[]>
  state: () => Promise<State>
  /** Makes Marketo refuse all calls, or no call any more. */
  refuse: (isRefused: boolean) => Promise<void>
  /** Returns the most memory that the relay has had, in MB. Linux only. */
  peakMB: () => number
  end: () => Promise<void>
}

/**
 * Starts both.
 *
 * @param more further variables of the relay
 * @param isLimited limits the heap of the relay
 */
export async function startSetting(more: Record<string, string> = {}, isLimited = false): Promise<Setting> {
  const folder = makeTempFolder('flood')
  const simulator = await serveSimulator({ port: 0 })
  const post = (path: string, init: RequestInit) =>
    fetch(simulator.url + path, { headers: { 'content-type': 'application/json' }, ...init })
  const forms = join(folder.path, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const data = join(folder.path, 'data')
  const variables = {
    ...accountVariables('rest', simulator.url),
    ...OPERATOR,
    MUNCHKIN_ID: '123-ABC-456',
    FORM_SYNC_TRUSTED_PROXIES: '127.0.0.0/8',
    FORM_SYNC_TICKET_KEY: 'a-key-for-tickets-of-the-flood-test',
    MARKETO_CALLS_PER_DAY: '5000',
    ...more,
  }
  const heap = isLimited ? [`--max-old-space-size=${LIMITED_HEAP_MB}`, '--max-semi-space-size=4'] : []
  const program = join(import.meta.dirname, '../fuzz/relay-process.ts')
  const child = spawnChild(process.execPath, [...heap, program, data, forms], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const [, port] = await waitForOutput(child, /listens at http:\/\/localhost:(\d+)/)
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port: Number(port),
    data,
    variables,
    people: async () => (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[],
    state: async () => (await (await fetch(`${url}/readyz`, AS_OPERATOR)).json()) as State,
    async refuse(isRefused) {
      if (isRefused)
        await post('/sim/faults', { method: 'POST', body: JSON.stringify({ fault: '608', times: 100_000 }) })
      else await post('/sim/faults', { method: 'DELETE' })
    },
    peakMB: () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    async end() {
      await endChild(child, 'SIGTERM')
      await simulator.close()
      folder.remove()
    },
  }
}
