/**
 * Writes rows of CSV (RFC 4180). Pure.
 *
 * A spreadsheet takes a cell that begins with `=` and some other characters for a formula, which a visitor may have typed. Such
 * a cell gets an apostrophe before it.
 */

/** The beginning of a cell that a spreadsheet may take for a formula; also in the wide forms of East Asian text. */
const FORMULA = /^[\s]*[=+\-@\t\r＝＋－＠]/

/** Returns a row without its line end. Each cell is quoted. */
export function csvRow(cells: readonly string[]): string {
  return cells.map((cell) => `"${(FORMULA.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`).join(',')
}
