/**
 * A Marketo that runs anywhere: the simulator's public door. It names no runtime.
 *
 * `serve.ts` beside it carries it on Node.
 */
import { Hono } from 'hono'
import type { Account } from './account.ts'
import { Calls } from './calls.ts'
import { Events } from './event-bus.ts'
import { Faults } from './faults.ts'
import { keepJournal, type Journal } from './journal.ts'
import { Limits } from './limits.ts'
import type { Carried, Marketo } from './marketo.ts'
import { munchkinRoutes } from './munchkin/routes.ts'
import { pageRoutes, type Pages } from './page-routes.ts'
import { CAMPAIGNS, Campaigns, type Campaign } from './people/campaigns.ts'
import { FIELDS, type Field } from './people/fields.ts'
import { LISTS, Lists } from './people/lists.ts'
import { People } from './people/people.ts'
import { SettingsBoard, type Settings } from './settings.ts'
import { simRoutes } from './control/routes.ts'
import { streamRoute } from './control/event-stream.ts'
import { soapRoutes } from './soap/routes.ts'
import { wait, type Wait } from './wait.ts'

/** Of the settings, what it begins with and comes back to when it is reset. */
export interface SimulatorOptions extends Partial<Settings> {
  /** The time, in epoch milliseconds. */
  now: () => number
  account: Account
  /** Numbers from 0 to below 1, for faults that come at a rate. */
  random?: () => number
  wait?: Wait
  /** How far a request's stamp may be from now, either way, in milliseconds. Marketo does not say; 300,000 is ours. */
  stampWindow?: number
  /** The fields that people have. */
  fields?: readonly Field[]
  /** The names of the static lists. */
  lists?: readonly string[]
  campaigns?: readonly Campaign[]
  /** Where what happens is kept; what it holds is there again. Without it a restart forgets everything. */
  journal?: Journal
  /** The built journeys page. Without it `/` says how to build it. */
  pages?: Pages
  /** The address of the site whose visits arrive here, so that the page can link to it. */
  site?: string
}

export interface Simulator {
  /**
   * Answers Marketo's addresses and `/sim/…`. A runtime may hand in `{ drop }` as the binding, so that a connection can
   * be broken.
   */
  app: Hono<Carried>
}

/**
 * A Marketo that knows nobody, or whom its journal names. Everything it learns is its own: two of them share nothing.
 * Throws when the journal cannot be read.
 */
export function createSimulator({
  now,
  account,
  random = Math.random,
  wait: pass = wait,
  stampWindow = 300_000,
  fields = FIELDS,
  lists = LISTS,
  campaigns = CAMPAIGNS,
  workspaces = 'any',
  rules = [],
  strict = false,
  journal,
  pages,
  site,
}: SimulatorOptions): Simulator {
  const settings = new SettingsBoard({ workspaces, rules, strict })
  const byName = new Map(fields.map((field) => [field.name, field]))
  const marketo: Marketo = {
    now,
    wait: pass,
    account,
    stampWindow,
    settings,
    rules: {
      fields: byName,
      get workspaces() {
        return settings.now.workspaces
      },
      get rules() {
        return settings.now.rules
      },
    },
    people: new People(),
    lists: new Lists(lists),
    campaigns: new Campaigns(campaigns),
    calls: new Calls(now),
    limits: new Limits(now),
    faults: new Faults(random),
    events: new Events(),
  }
  if (journal) keepJournal(marketo, journal)

  const app = new Hono<Carried>()
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.route('/', soapRoutes(marketo))
  app.route('/', munchkinRoutes(marketo))
  app.route('/', simRoutes(marketo))
  app.route('/', streamRoute(marketo))
  app.route('/', pageRoutes(pages, site))
  return { app }
}
