/**
 * The expiry of parked and held leads: when they are discarded because nobody has decided about them. Pure, and the same for
 * every database.
 *
 * No lead expires without an alert a week before. So none does within a week of the first look, of one with a shorter time than
 * before, or of one after a day without looks: the relay was down, or its clock was set.
 */
const DAY_MS = 86_400_000

/** Time from the health issue to the first lead that expires, in ms. */
const EXPIRY_NOTICE_MS = 7 * DAY_MS

/** Time without a look after which the notice begins anew, in ms. */
const MAX_GAP_MS = DAY_MS

/** Minimum time between two looks that are stored, in ms. */
const STORED_INTERVAL_MS = 3_600_000

/** What the state of an account knows about the expiry. Absent while no lead expires. */
export interface Expiry {
  /** Time for which a lead is kept, since it was parked or held, in ms. */
  keepMs: number
  /** When the notice began. */
  since: number
  /** When the relay last looked. */
  checkedAt: number
}

/** Leads of a form that have expired. */
export interface ExpiredLeads {
  form: string
  leads: number
}

/**
 * Returns what is known after a look: the same object, when nothing is to be stored.
 *
 * @param keepMs infinite for never
 */
export function lookAtExpiry(known: Expiry | undefined, keepMs: number, now: number): Expiry | undefined {
  if (keepMs === Infinity) return undefined
  if (!known || keepMs < known.keepMs || now - known.checkedAt > MAX_GAP_MS) {
    return { keepMs, since: now, checkedAt: now }
  }
  const isRecent = now >= known.checkedAt && now - known.checkedAt < STORED_INTERVAL_MS
  if (isRecent && keepMs === known.keepMs) return known
  return { keepMs, since: Math.min(known.since, now), checkedAt: now }
}

/** Returns the time before which leads were parked or held that have expired; undefined during the notice. */
export function expiredBefore({ keepMs, since }: Expiry, now: number): number | undefined {
  return now >= since + EXPIRY_NOTICE_MS ? now - keepMs : undefined
}

/** Returns the time before which leads were parked or held that expire within the notice. */
export function expiringBefore({ keepMs }: Expiry, now: number): number {
  return now + EXPIRY_NOTICE_MS - keepMs
}

/** Returns when a lead expires. */
export function expiryOf(settledAt: number, { keepMs, since }: Expiry): number {
  return Math.max(settledAt + keepMs, since + EXPIRY_NOTICE_MS)
}

/** Returns the note on the receipt. */
export function expireNote(keepMs: number, now: number): string {
  return `expired at ${new Date(now).toISOString()}: undecided for ${keepMs / DAY_MS} days`
}

/** Returns the numbers of expired leads by form. */
export function countExpired(rows: readonly { form: string }[]): ExpiredLeads[] {
  return Array.from(
    Map.groupBy(rows, ({ form }) => form),
    ([form, own]) => ({ form, leads: own.length }),
  ).toSorted((a, b) => (a.form < b.form ? -1 : 1))
}
