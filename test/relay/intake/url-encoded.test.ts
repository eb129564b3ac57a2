import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUrlEncoded } from '../../../relay/intake/url-encoded.ts'

describe('a form-encoded body', () => {
  it('is parsed to the names and values of the browser’s URLSearchParams', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })))
    fc.assert(
      fc.property(pairs, (typed) => {
        const body = new URLSearchParams(typed).toString()

        expect(parseUrlEncoded(body)).toEqual([...new URLSearchParams(body)])
      }),
    )
  })

  it.each([
    ['nothing', '', []],
    ['a name without =', 'a', [['a', '']]],
    ['a name without a value', 'a=', [['a', '']]],
    ['a value without a name', '=b', [['', 'b']]],
    [
      'empty pairs between and around others',
      '&a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a value with = in it', 'a=b=c', [['a', 'b=c']]],
    ['an escaped name', 'topics%5B%5D=a', [['topics[]', 'a']]],
    ['spaces and a typed plus', 'a+b=c+%2B+d', [['a b', 'c + d']]],
    ['separators that were typed', 'a=%26b%3D', [['a', '&b=']]],
    ['letters without escapes', 'a=Köln', [['a', 'Köln']]],
    ['U+FFFD that was typed', 'a=%EF%BF%BD', [['a', '\uFFFD']]],
  ])('is parsed: %s', (_what, body, pairs) => {
    expect(parseUrlEncoded(body)).toEqual(pairs)
  })

  it.each([
    ['a broken escape', 'a=%zz'],
    ['an escape cut short', 'a=1&b=%4'],
    ['a broken escape in a name', '%=a'],
    ['an escape that is not UTF-8', 'a=%ff'],
    ['an escaped lone surrogate', 'a=%ED%A0%80'],
    ['U+FFFD without an escape, from bytes that are not UTF-8', 'a=K\uFFFDln'],
  ])('is rejected: %s', (_what, body) => {
    expect(parseUrlEncoded(body)).toBeUndefined()
  })
})
