/** One Marketo: how it is set up and all that it knows. Every route works on this and keeps nothing of its own. */
import type { Account } from './account.ts'
import type { Calls } from './calls.ts'
import type { Events } from './event-bus.ts'
import type { Faults } from './faults.ts'
import type { Limits } from './limits.ts'
import type { Campaigns } from './people/campaigns.ts'
import type { Lists } from './people/lists.ts'
import type { People } from './people/people.ts'
import { personView } from './people/person.ts'
import type { SyncRules } from './people/sync.ts'
import type { SettingsBoard } from './settings.ts'
import type { Wait } from './wait.ts'

export interface Marketo {
  readonly now: () => number
  readonly wait: Wait
  readonly account: Account
  /** How far a request's stamp may be from now, either way, in milliseconds. */
  readonly stampWindow: number
  /** What `syncLead` goes by, as it is set now. */
  readonly rules: SyncRules
  readonly settings: SettingsBoard
  readonly people: People
  readonly lists: Lists
  readonly campaigns: Campaigns
  readonly calls: Calls
  readonly limits: Limits
  readonly faults: Faults
  readonly events: Events
}

/** What a request may be given by the runtime that carries it, beside the request itself. */
export interface Connection {
  /** Breaks the connection without an answer. Where it is missing, the answer's body breaks off instead. */
  drop?: () => void
}

/** The type of every Hono app in this room. */
export interface Carried {
  Bindings: Connection
}

/** Tells whoever listens which people look different now. */
export function publishPeople({ people, events }: Marketo): void {
  for (const person of people.takeChanged()) events.publish('person', () => personView(person))
}
