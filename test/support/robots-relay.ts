/** A relay under test whose forms have tickets and challenges: the real app, guards and screen with a clock that a test sets. */
import { createApp, readConfig, type LogEvent, type Outbox } from '../../relay/index.ts'
import { createGuards } from '../../relay/guards/guards.ts'
import { createRobots } from '../../relay/guards/robots.ts'
import { createMemoryOutbox } from '../oracle/memory-outbox.ts'
import { SECRETS } from './challenge-provider.ts'
import { ACME, NOW } from './relay.ts'
import { screenUnderTest } from './screen.ts'

const TICKET_KEY = 'hjVYpx8p0tYbqXl3mHn0L1Rk2zq7bQw5'

/** Another origin of the same forms. */
export const SHOP = 'https://shop.acme.example'

const FORM = { origins: [ACME, SHOP], fields: { Email: { type: 'email', required: true }, first: {} } }

const ENV = {
  MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
  MUNCHKIN_ID: '123-ABC-456',
  FORM_SYNC_TICKET_KEY: TICKET_KEY,
  FORM_SYNC_TURNSTILE_SECRET: SECRETS.turnstile,
  FORM_SYNC_HCAPTCHA_SECRET: SECRETS.hcaptcha,
  FORM_SYNC_RECAPTCHA_SECRET: SECRETS.recaptcha,
}

/** Creates the relay. The forms `ticket`, `plain`, `altcha`, `turnstile`, `hcaptcha` and `recaptcha` have what they are called. */
export function robotsRelay(options: { fetch?: typeof fetch; rules?: object; env?: object; outbox?: Outbox } = {}) {
  const withRules = { ...FORM, ...(options.rules && { rules: options.rules }) }
  const forms = {
    plain: FORM,
    ticket: { ...withRules, ticket: true },
    ...Object.fromEntries(
      ['altcha', 'turnstile', 'hcaptcha', 'recaptcha'].map((challenge) => [challenge, { ...withRules, challenge }]),
    ),
  }
  const config = readConfig({ ...ENV, ...options.env }, { forms })
  const { outbox = createMemoryOutbox() } = options
  const events: LogEvent[] = []
  const clock = { now: NOW }
  let bytes = 0
  const randomBytes = (length: number) => new Uint8Array(length).fill(bytes++)
  const robots = createRobots({
    ...config.robots,
    now: () => clock.now,
    randomBytes,
    fetch: options.fetch ?? (() => Promise.reject(new Error('no network'))),
    log: (event) => events.push(event),
  })
  const { screen, findings, failures } = screenUnderTest(
    createGuards({ ...config, seed: 1, robots: robots.guards }),
    outbox,
  )
  const app = createApp({
    config,
    outbox,
    screen,
    issueTicket: robots.issue,
    wake: () => {},
    now: () => clock.now,
    randomBytes,
    log: (event) => events.push(event),
  })
  return { app, outbox, events, clock, findings, failures }
}
