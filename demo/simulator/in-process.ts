/**
 * The entry `form-sync/simulator`: a Marketo in the own process, for a test suite. It opens no port, stores nothing and names no
 * runtime.
 *
 * @example
 * ```ts
 * const marketo = createSimulator()
 * const client = createMarketo({ ...marketo.rest, fetch: marketo.fetch })
 * await client.syncLead({ email: 'ana@acme.example' })
 * console.log(await marketo.people())
 * ```
 */
import { DEMO_ACCOUNT, type Account } from './account.ts'
import { createSimulator as createApp, type SimulatorOptions as AppOptions } from './index.ts'
import type { CallView, PersonView } from './view.ts'

export type { Account, CallView, PersonView }
export { STANDARD_FIELDS, type Field } from './people/fields.ts'
export type { ActivityView } from './view.ts'

/** Options of `createSimulator`. Each has a default. */
export type SimulatorOptions = Partial<Omit<AppOptions, 'journal' | 'readPageFile' | 'site'>>

export interface Simulator {
  /** Replies as Marketo does. It is the option `fetch` of a client; the host of the URL does not count. */
  fetch(this: void, input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Settings with which a client or a relay calls the REST API. */
  rest: { endpoint: string } & Pick<Account, 'clientId' | 'clientSecret'>
  /** Settings with which a client or a relay calls the SOAP API. */
  soap: { endpoint: string } & Pick<Account, 'userId' | 'secretKey'>
  /** Munchkin id that cookies of its visitors have. */
  munchkinId: string
  /** Returns all people and anonymous visitors, in order of creation. */
  people(): Promise<PersonView[]>
  /** Returns all calls of the two APIs, in order of arrival. */
  calls(): Promise<CallView[]>
  /** Forgets people, calls and faults, and returns to the settings of the options. */
  reset(): Promise<void>
}

/** Address of a simulator that has none. */
const ORIGIN = 'http://localhost'

/** Creates a simulator without people. Two simulators share no state. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const { app } = createApp({ now: Date.now, account: {}, ...options })
  const { clientId, clientSecret, userId, secretKey, munchkinId } = { ...DEMO_ACCOUNT, ...options.account }
  const request = async (input: string | URL | Request, init?: RequestInit) => app.fetch(new Request(input, init))
  const read = async <T>(path: string): Promise<T> => (await (await request(`${ORIGIN}${path}`)).json()) as T
  return {
    fetch: request,
    rest: { endpoint: `${ORIGIN}/rest`, clientId, clientSecret },
    soap: { endpoint: `${ORIGIN}/soap/mktows/3_1`, userId, secretKey },
    munchkinId,
    people: () => read<PersonView[]>('/sim/leads'),
    calls: () => read<CallView[]>('/sim/calls'),
    async reset() {
      await request(`${ORIGIN}/sim/reset`, { method: 'POST' })
    },
  }
}
