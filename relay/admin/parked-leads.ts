/**
 * Lists parked leads and replays them, unchanged or edited: the admin service behind HTTP and the commands.
 *
 * It knows neither HTTP nor the terminal. It returns personal data only when the caller asks for values.
 */
import type { SettingsByForm } from '../intake/form-settings.ts'
import { iso } from '../monitoring/events.ts'
import { FIRST_ACCOUNT } from '../account-name.ts'
import { accountOfToday, editLead, type LeadEdit } from '../outbox/edit.ts'
import type { JobRecord, Outbox, Replayed, RepeatedAttempt } from '../outbox/outbox.ts'
import type { Recorder, RequestedAct } from './audit-log.ts'
import { valuesOf, type Values } from './lead-values.ts'

/** Maximum number of leads in a page of the list or in one replay step. It bounds memory and the transaction. */
export const MAX_PAGE = 200

export interface ParkedLeads {
  /** Returns a page of parked leads, ordered by the time at which they were parked. */
  list(query: ListQuery): Promise<ParkedPage>
  /** Returns one parked lead, or undefined if no parked lead has this id. */
  find(id: string, values: boolean): Promise<ParkedLead | undefined>
  /** Replays up to `MAX_PAGE` leads. To replay all, call it again with `next` as `after` until there is no `next`. */
  replay(request: ReplayRequest): Promise<ReplayStep>
}

export interface ListQuery {
  /** Maximum number of leads, up to `MAX_PAGE`. */
  limit: number
  /** Cursor: the `next` of the previous page. */
  after?: string
  /** Includes the values of the attributes: personal data. */
  values: boolean
}

export interface ParkedPage {
  /** Number of all parked leads. */
  total: number
  parked: ParkedLead[]
  /** Cursor of the next page, if there is one. */
  next?: string
}

/** Failed attempts with one reason, and the times of the first and the last of them. */
export interface HistoryEntry {
  reason: string
  times: number
  first: string
  last: string
}

/** Parked lead as an operator sees it. Times are ISO 8601. */
export interface ParkedLead {
  id: string
  form: string
  /** Name of the account, where it has one. */
  account?: string
  acceptedAt: string
  parkedAt: string
  attempts: number
  /** Reason why the lead was parked. */
  reason?: string
  /** Marketo's id of the person, if the lead was delivered without `attributes`. */
  leadId?: number
  /** Failed attempts. Consecutive attempts with the same reason are one entry. */
  history: HistoryEntry[]
  /** Names of the attributes that the lead has. */
  attributes: string[]
  /** Names of the attributes that Marketo rejected. */
  rejectedAttributes: string[]
  /** Names of the attributes that a later lead of the person has already sent. They are not sent again. */
  staleAttributes: string[]
  notes: string[]
  /** Personal data, if the caller asked for it. */
  values?: Values
}

/** Selection of parked leads and the edit to make before they are sent again. */
export type ReplayRequest = (ById | ByFilter) & Omit<LeadEdit, 'forms'> & ReplayOptions

interface ReplayOptions {
  /** The leads are held ones that are released: the audit log says so. */
  release?: boolean
  /** Name of the operator. */
  by?: string
  /** Returns results, changes nothing. */
  dryRun?: boolean
  /** Keeps workspace, constants and cookie as they are stored, instead of taking today's settings of the form. */
  keepSettings?: boolean
}

interface ById {
  /** Up to `MAX_PAGE` ids. */
  ids: readonly string[]
}

interface ByFilter {
  all: true
  /** Selects leads of this form. */
  form?: string
  /** Selects leads whose reason contains this text, ignoring case. */
  reason?: string
  /** Cursor: the `next` of the previous step. */
  after?: string
}

export interface ReplayStep {
  /** Number of parked leads that were examined. */
  seen: number
  /** Result of each selected lead; in a dry run, the result that a replay would have. */
  results: Replayed[]
  /** Cursor of the next step, if parked leads remain to be examined. */
  next?: string
}

/**
 * Creates the admin service of an outbox.
 *
 * @param recorder records each replay
 * @param forms today's settings of the forms, for leads that are replayed
 * @param movesLeads false if no lead can go to another account, for a dry run
 */
export function createParkedLeads(
  outbox: Pick<Outbox, 'find' | 'list' | 'replay' | 'status'>,
  now: () => number,
  recorder: Recorder,
  forms: SettingsByForm,
  movesLeads = true,
): ParkedLeads {
  /** Reads the jobs after a cursor. */
  async function read(limit: number, after: string | undefined) {
    const { parked: total } = await outbox.status(now())
    const cursor = after === undefined ? { left: total } : readCursor(after)
    if (!cursor) throw new RangeError('"after" must be the "next" of the previous page, unchanged')
    const jobs = await outbox.list(
      'parked',
      Math.min(limit, cursor.left),
      'id' in cursor ? { at: cursor.settledAt, id: cursor.id } : undefined,
    )
    const [last, left] = [jobs.at(-1), cursor.left - jobs.length]
    return { total, jobs, ...(last && left > 0 && { next: writeCursor({ ...last, left }) }) }
  }

  return {
    async list({ limit, after, values }) {
      const { total, jobs, next } = await read(limit, after)
      return { total, parked: jobs.map((job) => toParkedLead(job, values)), ...(next !== undefined && { next }) }
    },

    async find(id, values) {
      const job = await outbox.find(id)
      return job?.state === 'parked' ? toParkedLead(job, values) : undefined
    },

    async replay(request) {
      const replay = (ids: readonly string[], edit: LeadEdit) =>
        recorder.record(
          actOf(request),
          () => outbox.replay(ids, edit, now()),
          (results) => results.filter(({ result }) => result === 'replayed').length,
        )
      const { drop = [], rename = {}, set = {}, workspace, cookie, dryRun = false, keepSettings = false } = request
      const edit: LeadEdit = {
        ...(!keepSettings && { forms }),
        drop,
        rename,
        set,
        ...(workspace !== undefined && { workspace }),
        ...(cookie !== undefined && { cookie }),
      }
      if ('ids' in request) {
        const ids = [...new Set(request.ids)]
        const results = dryRun
          ? await Promise.all(ids.map(async (id) => predictReplay(id, await outbox.find(id), edit, movesLeads)))
          : await replay(ids, edit)
        return { seen: ids.length, results }
      }
      const { jobs, next } = await read(MAX_PAGE, request.after)
      const selected = jobs.filter((job) => isSelected(job, request))
      const results = dryRun
        ? selected.map((job) => predictReplay(job.id, job, edit, movesLeads))
        : await replay(
            selected.map(({ id }) => id),
            edit,
          )
      return { seen: jobs.length, results, ...(next !== undefined && { next }) }
    },
  }
}

/** Returns what the audit log has about a replay: of an edit the names alone. */
function actOf(request: ReplayRequest): RequestedAct {
  const { drop = [], rename = {}, set = {}, workspace, cookie, keepSettings, release, by } = request
  const edit = {
    ...(drop.length > 0 && { drop }),
    ...(Object.keys(rename).length > 0 && { rename }),
    ...(Object.keys(set).length > 0 && { set: Object.keys(set) }),
    ...(workspace !== undefined && { workspace }),
    ...(cookie !== undefined && { cookie: cookie === null ? 'removed' : 'set' }),
  }
  const selection =
    'ids' in request
      ? { ids: request.ids }
      : {
          all: true,
          ...(request.form !== undefined && { form: request.form }),
          ...(request.reason !== undefined && { reason: request.reason }),
        }
  const isEdit = Object.keys(edit).length > 0
  return {
    kind: isEdit ? 'edit' : release ? 'release' : 'replay',
    selector: { ...selection, ...edit, ...(keepSettings && { keepSettings }) },
    ...(by !== undefined && { by }),
  }
}

function isSelected(job: JobRecord, { form = job.form, reason = '' }: ByFilter): boolean {
  return job.form === form && (parkedReasonOf(job) ?? '').toLowerCase().includes(reason.toLowerCase())
}

/** Returns the result that a replay of this job would have. */
function predictReplay(id: string, job: JobRecord | undefined, edit: LeadEdit, movesLeads: boolean): Replayed {
  if (!job) return { id, result: 'unknown' }
  if ((job.state !== 'parked' && job.state !== 'held') || !job.lead) return { id, result: 'not-parked' }
  const edited = editLead(job.lead, edit, job.leadId !== undefined)
  if ('taken' in edited) return { id, result: 'name-taken', name: edited.taken }
  const own = job.account ?? FIRST_ACCOUNT
  const account = accountOfToday(edit, job.form, own)
  const isStuck = account !== own && (!movesLeads || job.leadId !== undefined)
  return isStuck ? { id, result: 'other-account', account } : { id, result: 'replayed' }
}

/**
 * Returns the reason why a job is parked. For a lead that was delivered without some attributes this is the rejection of
 * these attributes, even if later attempts failed for another reason.
 */
export function parkedReasonOf({ reason, leadId, rejectedAttributes, history }: JobRecord): string | undefined {
  if (leadId === undefined) return reason
  return history.findLast((tries) => rejectedAttributes.some((name) => tries.reason.includes(name)))?.reason ?? reason
}

function toParkedLead(job: JobRecord, withValues: boolean): ParkedLead {
  const {
    id,
    form,
    account,
    attempts,
    acceptedAt,
    settledAt = acceptedAt,
    leadId,
    rejectedAttributes,
    staleAttributes,
    notes,
    lead,
  } = job
  const reason = parkedReasonOf(job)
  return {
    id,
    form,
    ...(account !== undefined && { account }),
    acceptedAt: iso(acceptedAt),
    parkedAt: iso(settledAt),
    attempts,
    ...(reason !== undefined && { reason }),
    ...(leadId !== undefined && { leadId }),
    history: job.history.map(toHistoryEntry),
    attributes: lead?.attributes.map(({ name }) => name) ?? [],
    rejectedAttributes,
    staleAttributes,
    notes,
    ...(withValues && lead && { values: valuesOf(lead) }),
  }
}

/** Returns attempts with their times as texts. */
export function toHistoryEntry({ reason, times, first, last }: RepeatedAttempt): HistoryEntry {
  return { reason, times, first: iso(first), last: iso(last) }
}

/**
 * Position in the list of parked leads: the last job read, and the number of jobs left of those that were parked at the
 * first page. The count ends the list before leads that were parked meanwhile, so that a lead that is replayed and
 * parked again is not returned twice.
 */
interface Cursor {
  left: number
  settledAt: number
  id: string
}

function writeCursor({ left, settledAt = 0, id }: Pick<JobRecord, 'id' | 'settledAt'> & { left: number }): string {
  return `${left}.${settledAt}.${id}`
}

/** Parses a cursor. Returns undefined if the text is not one. */
export function readCursor(text: string): Cursor | undefined {
  const [, left, settledAt, id] = /^(\d{1,9})\.(\d{1,16})\.(.{1,200})$/.exec(text) ?? []
  return left && settledAt && id ? { left: Number(left), settledAt: Number(settledAt), id } : undefined
}
