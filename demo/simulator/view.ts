/**
 * What the simulator tells of itself at `/sim/…`: the shapes that its page and the tests read. Types only.
 */

/** `GET /sim/leads`: people in the order they first came, anonymous visitors among them. */
export interface PersonView {
  id: number
  /** False while Marketo knows the cookie alone. */
  known: boolean
  email: string | null
  /** SOAP API names; without empty values. */
  attributes: Record<string, string>
  foreignIds: { id: string; type: string }[]
  /** Whole cookie values, the newest last. */
  cookies: string[]
  workspace: string
  partition: string
  /** In the order they happened. */
  activities: ActivityView[]
  createdAt: string
  updatedAt: string
}

export type ActivityView =
  /** A page was looked at. */
  | { type: 'visit'; at: string; url: string; title?: string; referrer?: string }
  /** The visitor became a person: the moment the line takes colour. `call` is the number of the call that did it. */
  | { type: 'known'; at: string; call: number }
  /** An API call wrote to this person. */
  | { type: 'sync'; at: string; call: number; status: 'CREATED' | 'UPDATED'; attributes: string[] }

/** `GET /sim/calls`: every API call, in order. */
export interface CallView {
  /** Counts from 1. */
  number: number
  at: string
  api: 'soap' | 'rest'
  operation: string
  ok: boolean
  /** Marketo's fault code; a fault that was asked for by name has its name. */
  code: string | null
  leadId: number | null
  /** How long the answer took, in milliseconds. */
  ms: number
}

/**
 * `GET /sim/calls` gives these, for whoever judges the caller: who was called for at one time, what came first, how many
 * there were. Times are epoch milliseconds. No two of them are the same: what happens within one millisecond is a
 * thousandth of it apart, so that they also tell the order.
 */
export interface CallLine extends CallView {
  /** When the first of it came: the same as `at`. */
  arrivedAt: number
  /** When its answer left, or its connection broke, whoever broke it. Null while it is still under way. */
  endedAt: number | null
  /** False where the connection broke. */
  answered: boolean
  /** The work was done, whatever became of the answer. */
  applied: boolean
  /** When it was done. Where the caller did not wait for it, that is after the end. */
  appliedAt: number | null
  /** With `?records=1`: the leads that it brought. Null where they are not kept any more, or not read yet. */
  records?: RecordView[] | null
}

/** One lead of a `syncLead` or a `syncMultipleLeads`. */
export interface RecordView {
  /** The lead's keys as they were sent, the address in lower case. */
  email: string | null
  id?: number
  foreignId?: { id: string; type: string }
  /** As they were sent, by SOAP API name. They were written where the status is CREATED or UPDATED. */
  attributes: Record<string, string>
  /** What was done with it; null where the call was not applied. */
  status: 'CREATED' | 'UPDATED' | 'FAILED' | null
  /** Null where nothing was written. */
  leadId: number | null
}

/** `GET /sim/calls/<number>`: one call with what went over the wire, the signature masked. */
export interface CallDetail extends CallView {
  status: number | null
  request: string
  response: string
}

/** `GET /sim/limits`: where the account stands. */
export interface LimitsView {
  ratePer20s: number
  concurrency: number
  daily: number
  /** Calls in the last 20 seconds, under way, and since midnight US Central, those among them that were refused. */
  used: { last20s: number; now: number; today: number }
}

/** `GET /sim/lists`: the static lists, with the ids of those who are on them. */
export interface ListView {
  name: string
  members: number[]
}

/** `GET /sim/campaigns`: the campaigns that may be requested, and every request. */
export interface CampaignView {
  id: number
  name: string
  program: string
  requests: { at: string; call: number; leadIds: number[]; tokens: { name: string; value: string }[] }[]
}

/**
 * `GET /sim/events` is an event stream. `person` carries a PersonView that is new or has changed, `call` a CallLine,
 * `limits` a LimitsView, `lists` all ListViews, `campaigns` all CampaignViews, `settings` the settings, `reset` nothing.
 */
export type SimulatorEvent = 'person' | 'call' | 'limits' | 'lists' | 'campaigns' | 'settings' | 'reset'
