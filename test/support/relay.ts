/** A relay under test: the real app with an outbox in memory, a fixed clock and fixed random bytes. */
import { createApiKeys, createApp, readConfig, type LogEvent, type Outbox, type Relay } from '../../relay/index.ts'
import { createMemoryOutbox } from '../oracle/memory-outbox.ts'
import { OPERATOR } from './operator.ts'

/** 2026-11-23T09:30:00Z */
export const NOW = Date.UTC(2026, 10, 23, 9, 30)

export const ACME = 'https://www.acme.example'

export const FORMS = {
  forms: {
    contact: {
      origins: [ACME],
      fields: {
        Email: { type: 'email', label: 'E-mail address', required: true },
        first: { attribute: 'FirstName', label: 'First name', maxLength: 40 },
        topics: { attribute: 'Topics__c', type: 'choice', label: 'Topics', multiple: true, options: ['a', 'b'] },
        size: { attribute: 'Size__c', type: 'choice', label: 'Size', options: [{ value: 's', label: 'Small' }] },
        message: { attribute: 'Message__c', type: 'textarea', label: 'Message' },
      },
      constants: { LeadSource: 'Web' },
      capture: { utm_source: 'UTM_Source__c', page: 'Last_Landing_Page__c' },
      workspace: 'Europe',
      thanks: `${ACME}/thanks`,
    },
    plain: { origins: [ACME], fields: { Email: { type: 'email', required: true } }, associate: 'never' },
  },
}

type App = ReturnType<typeof createApp>

export interface RelayUnderTest {
  app: App
  outbox: Outbox
  events: LogEvent[]
  /** Returns the number of times that the app has woken the dispatcher. */
  woken: () => number
}

/** Creates a relay, with an operator unless `operator` is null. The other options are passed to the app. */
export function relayUnderTest({
  outbox = createMemoryOutbox(),
  operator = { keys: createApiKeys([OPERATOR.FORM_SYNC_CONSOLE_TOKEN]), outbox },
  ...more
}: { outbox?: Outbox; operator?: Relay['operator'] | null } & Pick<
  Partial<Relay>,
  'servers' | 'notices' | 'screen' | 'capacity' | 'wrongTokens' | 'visitorAddress'
> = {}): RelayUnderTest {
  const events: LogEvent[] = []
  let woken = 0
  const env = {
    MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
    MARKETO_USER_ID: 'acme_1',
    MARKETO_SECRET_KEY: 'correct horse battery',
    MUNCHKIN_ID: '123-ABC-456',
  }
  const app = createApp({
    config: readConfig(env, FORMS),
    outbox,
    wake: () => void woken++,
    now: () => NOW,
    randomBytes: (length) => new Uint8Array(length).fill(7),
    log: (event) => events.push(event),
    ...(operator && { operator }),
    ...more,
  })
  return { app, outbox, events, woken: () => woken }
}

/** Posts a body to a form as the widget does, or as a plain form does if the headers say so. */
export function post(
  app: App,
  body: BodyInit | Record<string, string>,
  headers: Record<string, string> = {},
  path = '/f/contact',
): Promise<Response> {
  const isForm = body !== null && typeof body === 'object' && Object.getPrototypeOf(body) === Object.prototype
  return Promise.resolve(
    app.request(path, {
      method: 'POST',
      body: isForm ? new URLSearchParams(body as Record<string, string>) : (body as BodyInit),
      headers: { origin: ACME, accept: 'application/json', ...headers },
    }),
  )
}

/** Returns the stored lead with the id in the response. */
export async function keptLead(outbox: Outbox, response: Response) {
  const { id } = (await response.clone().json()) as { id: string }
  const job = await outbox.find(id)
  if (!job?.lead) throw new Error(`the outbox has no lead with the id ${id}`)
  return job.lead
}

/** Returns the call slots of this outbox, for `/v1/leads`. A wait is an error, since the clock never advances. */
export function callSlotOf(outbox: Outbox): NonNullable<Relay['servers']>['callSlot'] {
  return {
    outbox,
    now: () => NOW,
    lease: 1_000,
    async wait(ms) {
      throw new Error(`unexpected wait of ${ms} ms for a call slot`)
    },
  }
}
