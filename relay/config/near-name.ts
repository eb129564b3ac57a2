/** Finds the name that was meant by a name that is not there. Pure. */

/**
 * Returns the most similar of the names; undefined if none is similar.
 *
 * @param slips number of wrong characters that any name may have. Names of four and more may have one for each four, at most two
 */
export function nearName(name: string, names: readonly string[], slips = 0): string | undefined {
  const exact = names.find((each) => fold(each) === fold(name))
  if (exact !== undefined) return exact
  const [best] = names
    .map((each) => ({ each, distance: distanceOf(fold(name), fold(each)) }))
    .toSorted((a, b) => a.distance - b.distance)
  const allowed = Math.max(slips, Math.min(2, Math.floor(fold(name).length / 4)))
  return best && best.distance <= allowed ? best.each : undefined
}

/** Returns `did you mean <name>? ` for the name of a command or an option that is not there; an empty text if none is similar. */
export function didYouMean(name: string, names: readonly string[]): string {
  const near = nearName(name, names, 1)
  return near === undefined ? '' : `did you mean ${near}? `
}

/** Returns a name without case, separators, and the suffix of custom fields. */
function fold(name: string): string {
  return name
    .toLowerCase()
    .replace(/__c$/, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
}

/** Returns the number of characters to insert, delete, replace or swap. */
function distanceOf(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
        isSwap ? rows[i - 2]![j - 2]! + 1 : Infinity,
      )
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
