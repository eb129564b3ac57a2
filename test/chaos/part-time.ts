/**
 * Measures the time of a part of a run. Where Marketo was not called in it, the part is longer: on a busy machine relays may need
 * all of a short part to start, and the run would show nothing of it.
 */

/** Maximum time by which a part is longer, in ms. */
const MAX_EXTENSION_MS = 30_000

/** Time that is left of a part that is longer, in ms: enough for a relay to start, and no time for a crash of the store. */
const EXTENSION_STEP_MS = 3_000

export interface PartTimeOptions {
  /** Time that the part takes, in ms. */
  length: number
  /** Returns ms from a steady clock. */
  now: () => number
  /** Returns whether Marketo was called in the part. */
  isCalled: () => boolean
}

/** Starts the time. Returns a function that returns what is left of it, in ms. */
export function startPartTime({ length, now, isCalled }: PartTimeOptions): () => number {
  const endsAt = now() + length
  return () => {
    const left = endsAt - now()
    const isExtended = left <= 0 && left > -MAX_EXTENSION_MS && !isCalled()
    return isExtended ? EXTENSION_STEP_MS : left
  }
}
