/**
 * Bounds what the relay keeps: the leads that wait, of each form and in all, those of one network in an hour, and the space on
 * the disk. Beyond a bound a lead is refused before it is stored, and other forms and other networks go on.
 *
 * A lead that is stored already takes no room, and is answered as before.
 */
import type { Lead } from '../intake/lead.ts'
import { createRecentlyFull, type Full } from '../monitoring/full.ts'
import { isSameLead } from './same-lead.ts'
import { createSourceCount, SOURCE_RETRY_AFTER_S, type SourceCount } from './source-count.ts'
import { createWaitingCount } from './waiting-count.ts'

/** Room for a lead, or the reason why there is none. */
export type Room =
  /** `isStored`: the lead is in the store already. Call `settle` with whether the lead was stored. */
  | { ok: true; isStored: boolean; settle: (wasStored: boolean) => void }
  | { ok: false; code: 'unavailable' | 'rate'; retryAfterS: number }

export interface Capacity {
  /** Reserves room for a lead that is about to be stored. Never rejects. */
  reserve(lead: Lead): Promise<Room>
  /** Lists what is full, or has been for a moment in the last minute; or since `since`. */
  full(since?: number): Full[]
}

export interface CapacityOptions {
  maxWaiting: number
  /** Returns the maximum number of leads of a form that wait; undefined where it has none. */
  maxWaitingOf: (form: string) => number | undefined
  /** Maximum number of leads of a network in an hour. */
  maxWaitingPerSource: number
  /** Returns whether the leads of a network are counted. */
  isCounted: (network: string) => boolean
  /** Returns the number of waiting leads of each form. */
  readWaiting: () => Promise<ReadonlyMap<string, number>>
  /** Counts the leads of each network; in the memory of the process by default. */
  sources?: Pick<SourceCount, 'add' | 'remove'>
  /** Returns why the disk counts as full; undefined while it does not. */
  fullDisk: () => string | undefined
  /** Returns the lead that is stored under an id. */
  find: (id: string) => Promise<{ lead?: Lead } | undefined>
  /** Returns epoch milliseconds. */
  now: () => number
}

/** Value of `Retry-After` while something is full, in seconds: only deliveries make room. */
const FULL_RETRY_AFTER_S = 60

/** Creates the bounds. */
export function createCapacity(options: CapacityOptions): Capacity {
  const { maxWaiting, maxWaitingOf, isCounted, find, fullDisk, now } = options
  const { sources = createSourceCount(options.maxWaitingPerSource, now) } = options
  const waiting = createWaitingCount(options.readWaiting, now)
  const recent = createRecentlyFull()

  /** Returns what is full for a lead. Leads with weak evidence leave half of the room to others. */
  function fullFor({ form, weak }: Pick<Lead, 'form' | 'weak'>): Full | undefined {
    const part = weak ? 0.5 : 1
    const disk = fullDisk()
    if (disk !== undefined) return { what: 'disk', count: waiting.total(), reason: disk }
    const total = waiting.total()
    if (total >= maxWaiting * part) return { what: `all ${part}`, count: total, reason: allFull(total, weak) }
    const max = maxWaitingOf(form)
    const count = waiting.of(form)
    if (max === undefined || count < max * part) return undefined
    return { what: `form ${form} ${part}`, count, reason: formFull(form, count, weak) }
  }

  /** Waits for a reading that is under way where the last one would refuse the lead, or where there was none before. */
  async function refresh(lead: Lead): Promise<void> {
    const wait = waiting.refresh()
    if (wait && (!waiting.isRead() || fullFor(lead))) await wait()
  }

  async function isKnown(lead: Lead): Promise<boolean> {
    const record = await find(lead.id).catch(() => undefined)
    return isSameLead(record?.lead, lead)
  }

  return {
    async reserve(lead) {
      const { form, network } = lead
      await refresh(lead)
      // From here until the lead is counted nothing is waited for: no other lead may take the same room.
      const found = fullFor(lead)
      if (found) {
        if (await isKnown(lead)) return STORED
        recent.add(found, now())
        return { ok: false, code: 'unavailable', retryAfterS: FULL_RETRY_AFTER_S }
      }
      const source = network !== undefined && isCounted(network) ? network : undefined
      if (source !== undefined && !sources.add(source)) {
        return (await isKnown(lead)) ? STORED : { ok: false, code: 'rate', retryAfterS: SOURCE_RETRY_AFTER_S }
      }
      const settled = waiting.add(form)
      return {
        ok: true,
        isStored: false,
        settle(wasStored) {
          settled(wasStored)
          if (!wasStored && source !== undefined) sources.remove(source)
        },
      }
    },

    full: (since) => recent.list(now(), since),
  }
}

const STORED: Room = { ok: true, isStored: true, settle: () => {} }

function allFull(count: number, weak?: true): string {
  return `${count} leads wait, ${asManyAs('FORM_SYNC_MAX_WAITING', weak)}: find out why they wait, or raise it`
}

function formFull(form: string, count: number, weak?: true): string {
  return `${count} leads of the form ${form} wait, ${asManyAs('its maxWaiting', weak)}: find out why they wait, or raise it`
}

function asManyAs(maximum: string, weak?: true): string {
  return weak
    ? `half of what ${maximum} allows, and new ones with weak evidence are refused`
    : `as many as ${maximum} allows, and new ones are refused`
}
