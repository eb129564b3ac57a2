/**
 * The time for what waits: that of the system when the process began, and from then on what has passed since.
 *
 * A clock that is set while the relay runs so ends no lease early and makes nobody wait. Signatures take the system's.
 */

/** Epoch milliseconds that never go back. */
export function createSteadyClock(
  system: () => number = Date.now,
  passed: () => number = () => performance.now(),
): () => number {
  const began = system() - passed()
  return () => Math.floor(began + passed())
}
