import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clean } from '../../../relay/intake/sanitize.ts'

/** XML 1.0, 2.2: what a document may hold. */
const XML = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u

describe('a text that was posted', () => {
  it.each([
    ['U+0000', 'a\u0000b'],
    ['U+001F', 'a\u001fb'],
    ['delete', 'a\u007fb'],
    ['U+0080', 'a\u0080b'],
    ['U+009F', 'a\u009fb'],
    ['U+FFFE', 'a\ufffeb'],
    ['U+FFFF', 'a\uffffb'],
  ])('loses what no one can type: %s', (_what, text) => {
    expect(clean(text, false)).toBe('ab')
    expect(clean(text, true)).toBe('ab')
  })

  it.each([
    ['half of a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['the other half', 'a\udfffb', 'a\ufffdb'],
  ])('is mended: %s', (_what, text, mended) => {
    expect(clean(text, false)).toBe(mended)
  })

  it('keeps its lines where it may have any, as the text area had them', () => {
    expect(clean('one\r\ntwo\rthree\n\tfour', true)).toBe('one\ntwo\nthree\n\tfour')
    expect(clean('one\r\ntwo\tthree', false)).toBe('onetwothree')
  })

  it('can stand in XML and loses nothing else, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const cleaned = clean(text, false)

        expect(cleaned).toMatch(XML)
        expect(Array.from(cleaned)).toEqual(Array.from(text).filter((one) => !/[\p{Cc}\uFFFE\uFFFF]/u.test(one)))
      }),
    )
  })
})
