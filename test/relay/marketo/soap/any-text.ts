/** Generates any string that JavaScript can hold, and often ones that need care in XML. */
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

/** Returns the characters that XML 1.0 can hold (its `Char`), with U+FFFD for a lone surrogate. */
export function asXmlHolds(value: string): string {
  let kept = ''
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) kept += '\uFFFD'
    else if (code === 0x9 || code === 0xa || code === 0xd) kept += character
    else if (code >= 0x20 && code !== 0xfffe && code !== 0xffff) kept += character
  }
  return kept
}
