/**
 * The largest batch that an account may send: it halves when a batch gets no answer, and grows back. Pure.
 *
 * A slow Marketo times out large batches. Nothing is known of a lead then, so no lead carries the limit. While the size
 * grows back one shared batch goes at a time, and each answered one quadruples it: from 1 to 300 in five calls. A size
 * that proved too large is not tried again for ten minutes.
 */

export interface BatchSize {
  /** Maximum number of jobs. */
  max: number
  /** Size of the last shared batch, when it was answered. */
  answered?: number
  /** The size does not grow before this time. */
  holdUntil?: number
}

const GROWTH = 4
const HOLD_MS = 10 * 60_000

/** Returns the size after a batch of `size` jobs was answered; undefined when it is no longer reduced. */
export function afterAnswer(
  current: BatchSize | undefined,
  size: number,
  limit: number,
  now: number,
): BatchSize | undefined {
  if (!current || size >= limit) return undefined
  const known = size > 1 ? { ...current, answered: size } : current
  if (now < (known.holdUntil ?? 0)) return known
  return { ...known, max: Math.min(limit, Math.max(known.max, size * GROWTH)) }
}

/** Returns the size after a batch of `size` jobs got no answer. */
export function afterNoAnswer(current: BatchSize | undefined, size: number, now: number): BatchSize | undefined {
  // A batch that is larger than the size is old news.
  if (size < 2 || (current && size > current.max)) return current
  const { answered } = current ?? {}
  if (answered !== undefined && answered < size) return { max: answered, holdUntil: now + HOLD_MS }
  return { max: Math.floor(size / 2) }
}

/**
 * Returns the size after a gateway did not let a batch of `size` jobs through, but lets other calls through: for its size,
 * or for a lead in it. A size that was answered before is not at fault.
 */
export function afterInterception(current: BatchSize | undefined, size: number, now: number): BatchSize | undefined {
  const { answered = 0 } = current ?? {}
  return answered >= size ? current : afterNoAnswer(current, size, now)
}

/** Returns whether the size is growing back, so that one shared batch at a time is enough. */
export function isGrowingBack(current: BatchSize | undefined, limit: number, now: number): boolean {
  return current !== undefined && current.max < limit && now >= (current.holdUntil ?? 0)
}

/** Clamps the time until which the size is held after the clock went backwards. */
export function clampBatchSize(current: BatchSize, now: number): BatchSize {
  const { holdUntil } = current
  return holdUntil === undefined ? current : { ...current, holdUntil: Math.min(holdUntil, now + HOLD_MS) }
}
