/** What a text may hold. Everything that a person can type stays as typed; what no one can type goes. */

/**
 * Drops control characters and what no XML can hold, and mends half of a surrogate pair.
 *
 * Line breaks become one `\n` where `lines` is set, as the visitor's own text area had them: a browser posts `\r\n`.
 */
export function clean(text: string, lines: boolean): string {
  const whole = text.toWellFormed().replace(/[\uFFFE\uFFFF]/g, '')
  if (!lines) return whole.replace(/\p{Cc}/gu, '')
  return whole.replace(/\r\n?/g, '\n').replace(/(?![\n\t])\p{Cc}/gu, '')
}
