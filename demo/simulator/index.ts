/** Creates a simulated Marketo as a Hono app. Names no runtime: `serve.ts` runs it on Node. Imports nothing of the relay. */
import { Hono } from 'hono'
import { DEMO_ACCOUNT, type Account } from './account.ts'
import { Calls } from './calls.ts'
import { EventBus } from './event-bus.ts'
import { Faults } from './faults.ts'
import { attachJournal, type Journal } from './journal.ts'
import { Limits } from './limits.ts'
import type { Marketo, SimulatorEnv } from './marketo.ts'
import { munchkinRoutes } from './munchkin/routes.ts'
import { pageRoutes, type ReadPageFile } from './page-routes.ts'
import { CAMPAIGNS, Campaigns } from './people/campaigns.ts'
import { FIELDS } from './people/fields.ts'
import { FORMS } from './people/forms.ts'
import { LISTS, Lists } from './people/lists.ts'
import { People } from './people/people.ts'
import { seedPeople, type SeedPerson } from './people/seed-people.ts'
import { fieldNames } from './people/field-names.ts'
import { ActivityLog } from './rest/activity-log.ts'
import { restRoutes } from './rest/routes.ts'
import { Tokens } from './rest/tokens.ts'
import { SettingsStore, type Settings } from './settings.ts'
import { ownPagesOnly } from './control/own-pages.ts'
import { controlRoutes } from './control/routes.ts'
import { eventStreamRoute } from './control/event-stream.ts'
import { soapRoutes } from './soap/routes.ts'
import { wait, type Wait } from './wait.ts'

/** Options of `createSimulator`. A reset returns to the settings given here. */
export interface SimulatorOptions extends Partial<Settings> {
  /** Returns the time in epoch milliseconds. */
  now: () => number
  /** Overrides of the demo account. */
  account: Partial<Account>
  /** Returns numbers from 0 to below 1, for faults with a rate. */
  random?: () => number
  wait?: Wait
  /**
   * Maximum difference between a request's time stamp and the current time, in ms. Marketo does not document it; the
   * default of 300,000 is this project's choice.
   */
  stampWindowMs?: number
  /** People who are there at the start and after a reset. */
  seeds?: readonly SeedPerson[]
  /** Storage for everything that happens; restored at the start. Without it a restart loses everything. */
  journal?: Journal
  /** Reads the files of the built journeys page. Without it `/` explains how to build the page. */
  readPageFile?: ReadPageFile
  /** URL of the site whose visits arrive here; the page links to it. */
  site?: string
  /** Host names by which the simulator may be called beside `localhost`, its address and names of one label. */
  names?: readonly string[]
}

export interface Simulator {
  /** Serves Marketo's addresses and `/sim/…`. A runtime may pass `{ drop }` as the bindings, to break a connection. */
  app: Hono<SimulatorEnv>
}

/**
 * Creates a simulator, empty or restored from its journal. Two simulators share no state.
 *
 * @throws if the journal cannot be read
 */
export function createSimulator({
  now,
  account,
  random = Math.random,
  wait: waitFor = wait,
  stampWindowMs = 300_000,
  fields = FIELDS,
  lists = LISTS,
  campaigns = CAMPAIGNS,
  workspaces = 'off',
  rules = [],
  strict = false,
  forms = FORMS,
  seeds = [],
  journal,
  readPageFile,
  site,
  names = [],
}: SimulatorOptions): Simulator {
  const settings = new SettingsStore({ workspaces, rules, strict, forms, fields, lists, campaigns })
  const fieldsBy = fieldNames(() => settings.current.fields)
  const people = new People()
  const marketo: Marketo = {
    now,
    wait: waitFor,
    account: { ...DEMO_ACCOUNT, ...account },
    stampWindowMs,
    tokens: new Tokens(),
    get restFields() {
      return fieldsBy().rest
    },
    settings,
    rules: {
      get fields() {
        return fieldsBy().soap
      },
      get workspaces() {
        return settings.current.workspaces
      },
      get rules() {
        return settings.current.rules
      },
    },
    people,
    activities: new ActivityLog(people, now()),
    lists: new Lists(() => settings.current.lists),
    campaigns: new Campaigns(() => settings.current.campaigns),
    calls: new Calls(now),
    limits: new Limits(now),
    faults: new Faults(random),
    events: new EventBus(),
  }
  const seed = (): void => seedPeople(marketo.people, seeds, settings.current.workspaces, now())
  if (journal) attachJournal(marketo, journal)
  if (marketo.people.isUntouched) seed()

  const app = new Hono<SimulatorEnv>()
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.use('/sim/*', ownPagesOnly(names))
  app.route('/', soapRoutes(marketo))
  app.route('/', restRoutes(marketo))
  app.route('/', munchkinRoutes(marketo))
  app.route('/', controlRoutes(marketo, seed))
  app.route('/', eventStreamRoute(marketo))
  app.route('/', pageRoutes(readPageFile, { site, munchkinId: marketo.account.munchkinId }))
  return { app }
}
