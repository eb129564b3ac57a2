/** What a text may hold. Everything that a person can type stays as typed; what no one can type goes. */

/** What `clean` may have to look at; most texts have none of it. */
const SUSPECT = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u

/**
 * Drops control characters and what no XML can hold, and mends half of a surrogate pair.
 *
 * Line breaks become one `\n` where `lines` is set, as the visitor's own text area had them: a browser posts `\r\n`.
 */
export function clean(text: string, lines: boolean): string {
  if (!SUSPECT.test(text)) return text
  const whole = text.toWellFormed().replace(/[\uFFFE\uFFFF]/g, '')
  if (!lines) return whole.replace(/\p{Cc}/gu, '')
  return whole.replace(/\r\n?/g, '\n').replace(/(?![\n\t])\p{Cc}/gu, '')
}
