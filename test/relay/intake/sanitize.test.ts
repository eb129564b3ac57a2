import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sanitize } from '../../../relay/intake/sanitize.ts'

/** Characters of an XML document (XML 1.0, section 2.2). */
const XML = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u

describe('sanitized text', () => {
  it.each([
    ['U+0000', 'a\u0000b'],
    ['U+001F', 'a\u001fb'],
    ['delete', 'a\u007fb'],
    ['U+0080', 'a\u0080b'],
    ['U+009F', 'a\u009fb'],
    ['U+FFFE', 'a\ufffeb'],
    ['U+FFFF', 'a\uffffb'],
  ])('contains no characters that cannot be typed: %s', (_what, text) => {
    expect(sanitize(text, false)).toBe('ab')
    expect(sanitize(text, true)).toBe('ab')
  })

  it.each([
    ['a high surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a low surrogate', 'a\udfffb', 'a\ufffdb'],
  ])('has U+FFFD in place of a lone surrogate: %s', (_what, text, expected) => {
    expect(sanitize(text, false)).toBe(expected)
  })

  it('has the line breaks of the text area if it is multiline, and none otherwise', () => {
    expect(sanitize('one\r\ntwo\rthree\n\tfour', true)).toBe('one\ntwo\nthree\n\tfour')
    expect(sanitize('one\r\ntwo\tthree', false)).toBe('onetwothree')
  })

  it('contains only XML characters, and all others of the original text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const cleaned = sanitize(text, false)

        expect(cleaned).toMatch(XML)
        expect(Array.from(cleaned)).toEqual(Array.from(text).filter((one) => !/[\p{Cc}\uFFFE\uFFFF]/u.test(one)))
      }),
    )
  })
})
