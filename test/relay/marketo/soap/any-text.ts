/** Any string that JavaScript can hold, with more than its share of what hurts in XML. */
import * as fc from 'fast-check'

const PIECES = [
  '&',
  '<',
  '>',
  '"',
  "'",
  ']]>',
  '<!--',
  '&amp;',
  '&#0;',
  '\r',
  '\n',
  '\t',
  '\0',
  '\u001B',
  '\uFFFE',
  '😀',
]

export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...PIECES),
      fc.string({ unit: 'binary' }),
      fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
    ),
  )
  .map((pieces) => pieces.join(''))

/** What of it XML 1.0 can hold: its `Char`, one code point after the other, U+FFFD for half a pair. */
export function asXmlHolds(value: string): string {
  let held = ''
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) held += '\uFFFD'
    else if (code === 0x9 || code === 0xa || code === 0xd) held += character
    else if (code >= 0x20 && code !== 0xfffe && code !== 0xffff) held += character
  }
  return held
}
