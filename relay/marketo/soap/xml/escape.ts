/**
 * Escapes text for XML. All text that is sent passes through this file.
 *
 * It does not check lengths or formats; the intake does.
 */

/** Characters to escape or to remove: the five of markup, and all outside XML 1.0's `Char` (2.2) but surrogates. */
const SPECIAL = /[&<>"']|[^\t\n -\uFFFD]/g
const HAS_SPECIAL = new RegExp(SPECIAL.source)

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A parser turns a literal carriage return into a line feed (XML 1.0, 2.11).
  '\r': '&#13;',
}

/**
 * Escapes a string for the content of an element or for a quoted attribute value.
 *
 * Removes the characters that XML 1.0 cannot hold even if escaped: all controls but tab, line feed and carriage return,
 * and U+FFFE and U+FFFF. Replaces a lone surrogate by U+FFFD. Otherwise Marketo would reject a lead with a pasted NUL at
 * every attempt.
 */
export function xmlText(value: string): string {
  const text = value.toWellFormed()
  // Most texts need no change, and the test takes half the time of a replacement.
  return HAS_SPECIAL.test(text) ? text.replace(SPECIAL, (character) => ESCAPES[character] ?? '') : text
}
