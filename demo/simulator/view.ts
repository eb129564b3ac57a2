/** Defines the JSON shapes of `/sim/…`, which the journeys page and the tests read. Types only. */

/** An element of `GET /sim/leads`: a person or an anonymous visitor, in order of creation. */
export interface PersonView {
  id: number
  /** False while only a cookie is known. */
  known: boolean
  email: string | null
  /** Values by SOAP API name, without empty ones. */
  attributes: Record<string, string>
  foreignIds: { id: string; type: string }[]
  /** Complete cookie values, the newest last. */
  cookies: string[]
  workspace: string
  partition: string
  /** In chronological order. */
  activities: ActivityView[]
  createdAt: string
  updatedAt: string
}

export type ActivityView =
  /** A page view. */
  | { type: 'visit'; at: string; url: string; title?: string; referrer?: string }
  /** The visitor became a known person through the call with this number. */
  | { type: 'known'; at: string; call: number }
  /** A cookie of the person was associated by the call with this number, which had this prefix before the value or none. */
  | { type: 'associated'; at: string; call: number; cookiePrefix?: '_mkto_trk=' }
  /** The person filled out a form: Marketo's activity "Fill Out Form". */
  | {
      type: 'form'
      at: string
      call: number
      formId: number
      form: string
      programId?: number
      url?: string
      query?: string
    }
  /** A custom activity, which a program added by REST. Its date may be before the call. */
  | {
      type: 'custom'
      at: string
      call: number
      activityTypeId: number
      name: string
      primaryValue: string
      attributes: { name: string; value: string }[]
    }
  /** An API call wrote to this person. */
  | { type: 'sync'; at: string; call: number; status: 'CREATED' | 'UPDATED'; attributes: string[] }

/** Summary of an API call. */
export interface CallView {
  /** Starts at 1. */
  number: number
  at: string
  api: 'soap' | 'rest'
  operation: string
  ok: boolean
  /** Marketo's fault code, or the name of an injected fault. */
  code: string | null
  leadId: number | null
  /** Time until the answer, in ms. */
  ms: number
}

/**
 * A line of `GET /sim/calls`, in order of arrival. Tests use the times to detect overlapping calls.
 *
 * Times are epoch milliseconds. No two are equal: events within one millisecond differ by about a thousandth of a
 * millisecond, so that the times also give the order.
 */
export interface CallLine extends CallView {
  /** Time at which the request started to arrive: the same as `at`. */
  arrivedAt: number
  /** Time at which the answer was sent or the connection broke, on either side. Null while the call is in progress. */
  endedAt: number | null
  /** False if the connection broke. */
  answered: boolean
  /** True if the work was done, even if the answer was lost. */
  applied: boolean
  /** Time at which the work was done. After `endedAt` if the caller did not wait. */
  appliedAt: number | null
  /** The leads of the call, with `?records=1`. Null if no longer stored, or not read yet. */
  records?: RecordView[] | null
}

/** One lead of a `syncLead` or a `syncMultipleLeads`. */
export interface RecordView {
  /** Address as sent, in lower case. */
  email: string | null
  id?: number
  foreignId?: { id: string; type: string }
  /** Values as sent, by SOAP API name. They were written if the status is CREATED or UPDATED. */
  attributes: Record<string, string>
  /** Null if the call was not applied. */
  status: 'CREATED' | 'UPDATED' | 'FAILED' | null
  /** Null if nothing was written. */
  leadId: number | null
}

/** Answer of `GET /sim/calls/<number>`: a call with its HTTP exchange, the signature masked. */
export interface CallDetail extends CallView {
  status: number | null
  request: string
  response: string
}

/** Answer of `GET /sim/limits`: the limits and their use. */
export interface LimitsView {
  ratePer20s: number
  concurrency: number
  daily: number
  /** Calls in the last 20 seconds, calls in progress, and calls since midnight US Central including rejected ones. */
  used: { last20s: number; now: number; today: number }
}

/** An element of `GET /sim/lists`: a static list with the ids of its members. */
export interface ListView {
  name: string
  members: number[]
}

/** An element of `GET /sim/forms`: a form that Submit Form may name. */
export interface FormView {
  id: number
  name: string
  status: 'approved' | 'draft'
  workspace: string
  /** SOAP API names. */
  fields: readonly string[]
}

/** An element of `GET /sim/campaigns`: a campaign with every request for it. */
export interface CampaignView {
  id: number
  name: string
  program: string
  requests: { at: string; call: number; leadIds: number[]; tokens: { name: string; value: string }[] }[]
}

/**
 * Events of the stream `GET /sim/events`. `person` carries a new or changed PersonView, `people` all PersonViews, which
 * take the place of those before, `call` a CallLine, `limits` a LimitsView, `lists` all ListViews, `campaigns` all CampaignViews, `settings` the settings, `reset` nothing.
 */
export type SimulatorEvent = 'person' | 'people' | 'call' | 'limits' | 'lists' | 'campaigns' | 'settings' | 'reset'
