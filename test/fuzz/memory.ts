/** Decides whether the memory of a relay is flat. Pure. */

/** Parts of the requests after which memory is measured, when no lead waits. */
export const MEASURED_AFTER: readonly number[] = [0.1, 0.25, 0.5, 0.75, 1]

/** Growth from the first measurement to the last that is no fault: caches and counters fill up. */
const FILLING_UP = { from: 0, ratio: 1.5, bytes: 32 * 1024 ** 2 }

/** Growth in the second half of the requests that is no fault. */
const FULL = { from: MEASURED_AFTER.indexOf(0.5), ratio: 1.05, bytes: 8 * 1024 ** 2 }

/** @param measured memory after each of the parts, in bytes */
export function isFlat(measured: readonly number[]): boolean {
  const last = measured.at(-1) ?? 0
  return [FILLING_UP, FULL].every(({ from, ratio, bytes }) => last <= (measured[from] ?? 0) * ratio + bytes)
}

export function inMB(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MB`
}
