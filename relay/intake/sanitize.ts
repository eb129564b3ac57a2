/** Removes characters that cannot be typed or that XML cannot hold from posted text. All other text stays as it is. */

/** Characters that `sanitize` may have to change. Most texts contain none. */
const SUSPECT = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u

/**
 * Removes control characters and noncharacters, and replaces lone surrogates with U+FFFD.
 *
 * @param multiline keeps tabs and line breaks. Each line break becomes `\n`, as in the visitor's text area: browsers post
 *   `\r\n`.
 */
export function sanitize(text: string, multiline: boolean): string {
  if (!SUSPECT.test(text)) return text
  const whole = text.toWellFormed().replace(/[\uFFFE\uFFFF]/g, '')
  if (!multiline) return whole.replace(/\p{Cc}/gu, '')
  return whole.replace(/\r\n?/g, '\n').replace(/(?![\n\t])\p{Cc}/gu, '')
}
