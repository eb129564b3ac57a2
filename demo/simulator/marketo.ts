/** Defines the configuration and state of one simulated Marketo. All routes share it and hold no state of their own. */
import type { Account } from './account.ts'
import type { Calls } from './calls.ts'
import type { EventBus } from './event-bus.ts'
import type { Faults } from './faults.ts'
import type { Limits } from './limits.ts'
import type { Campaigns } from './people/campaigns.ts'
import type { Field } from './people/fields.ts'
import type { Lists } from './people/lists.ts'
import type { People } from './people/people.ts'
import { personView } from './people/person.ts'
import type { SyncRules } from './people/sync.ts'
import type { ActivityLog } from './rest/activity-log.ts'
import type { Tokens } from './rest/tokens.ts'
import type { SettingsStore } from './settings.ts'
import type { Wait } from './wait.ts'

export interface Marketo {
  readonly now: () => number
  readonly wait: Wait
  readonly account: Account
  /** Maximum difference between a request's time stamp and the current time, in ms. */
  readonly stampWindowMs: number
  /** Access tokens of the REST API. */
  readonly tokens: Tokens
  /** Fields of a person by REST API name. */
  readonly restFields: ReadonlyMap<string, Field>
  /** Current rules for writing leads. */
  readonly rules: SyncRules
  readonly settings: SettingsStore
  readonly people: People
  readonly lists: Lists
  readonly campaigns: Campaigns
  /** Activities of known people, as REST numbers and pages them. */
  readonly activities: ActivityLog
  readonly calls: Calls
  readonly limits: Limits
  readonly faults: Faults
  readonly events: EventBus
}

/** Bindings that a runtime may pass with a request. */
export interface Connection {
  /** Breaks the connection without an answer. If missing, the body of the answer ends with an error instead. */
  drop?: () => void
}

/** Environment type of the simulator's Hono apps. */
export interface SimulatorEnv {
  Bindings: Connection
}

/** Publishes a `person` event for each person that has changed since the last call. */
export function publishPeople({ people, events }: Pick<Marketo, 'people' | 'events'>): void {
  for (const person of people.takeChanged()) events.publish('person', () => personView(person))
}
