/**
 * Text into XML: the only way in.
 *
 * It does not check what the text says. Lengths and formats are the intake's business.
 */

/** All that may not stand in XML as it is: the five of markup, and everything outside XML 1.0's `Char` but surrogates. */
const UNFIT = /[&<>"']|[^\t\n -\uFFFD]/g
const IS_UNFIT = new RegExp(UNFIT.source)

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A reader turns a bare carriage return into a line feed (XML 1.0, 2.11).
  '\r': '&#13;',
}

/**
 * Any string as the content of an element or as a quoted attribute.
 *
 * What XML 1.0 cannot hold even escaped is left out: the controls but tab, line feed and carriage return, U+FFFE and
 * U+FFFF. Half a surrogate pair becomes U+FFFD. A pasted NUL would otherwise be refused for ever.
 */
export function xmlText(value: string): string {
  const text = value.toWellFormed()
  // Most texts need no change, and to see that takes half the time.
  return IS_UNFIT.test(text) ? text.replace(UNFIT, (character) => ESCAPES[character] ?? '') : text
}
