/**
 * The clock for waiting leads: the system's time when the process started, plus the time that has passed since.
 *
 * A change of the system's clock while the relay runs therefore neither ends a lease early nor delays a lead. Signatures
 * use the system's clock.
 */

/** Creates a clock that returns epoch milliseconds and never goes back. */
export function createSteadyClock(
  system: () => number = Date.now,
  elapsed: () => number = () => performance.now(),
): () => number {
  const startedAt = system() - elapsed()
  return () => Math.floor(startedAt + elapsed())
}
