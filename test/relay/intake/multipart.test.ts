import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMultipart } from '../../../relay/intake/multipart.ts'

const TYPE = 'multipart/form-data; boundary=x'

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const part = (headers: string, content: string) => `--x\r\n${headers}\r\n\r\n${content}\r\n`
const field = (name: string, content: string) => part(`Content-Disposition: form-data; name="${name}"`, content)
const body = (...parts: string[]) => bytesOf(`${parts.join('')}--x--\r\n`)

describe('a multipart body', () => {
  it('is parsed to the names and values of the browser’s FormData', async () => {
    const text = fc.string({ unit: 'binary' }).filter((string) => string.isWellFormed())
    // Browsers write each line break of a name or a value as CR LF.
    const posted = (string: string) => string.replace(/\r\n?|\n/g, '\r\n')

    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { maxLength: 5 }), async (pairs) => {
        const data = new FormData()
        for (const [name, value] of pairs) data.append(name, value)
        const response = new Response(data)
        const bytes = new Uint8Array(await response.arrayBuffer())

        const multipart = parseMultipart(bytes, response.headers.get('content-type') ?? '')

        const expected = pairs.map(([name, value]) => [posted(name), posted(value)])
        expect(multipart).toEqual({ ok: true, parts: expected })
      }),
    )
  })

  it.each([
    [
      'repeated names, in order',
      body(field('a', '1'), field('a', '2')),
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['an empty value', body(field('a', '')), [['a', '']]],
    ['a value with line breaks and dashes', body(field('a', '\r\n--\r\n-x')), [['a', '\r\n--\r\n-x']]],
    [
      'headers in other case, among other headers',
      body(part('content-type: text/plain\r\nCONTENT-DISPOSITION: form-data; name="a"', '1')),
      [['a', '1']],
    ],
    ['a name without quotes', body(part('Content-Disposition: form-data; name=a', '1')), [['a', '1']]],
    ['a preamble and an epilogue', bytesOf(`hello\r\n${field('a', '1')}--x--\r\nbye`), [['a', '1']]],
    ['no parts', body(), []],
    [
      'an empty file control',
      body(
        part('Content-Disposition: form-data; name="cv"; filename=""\r\nContent-Type: application/octet-stream', ''),
        field('a', '1'),
      ),
      [['a', '1']],
    ],
  ] as [string, Uint8Array, string[][]][])('is parsed: %s', (_, bytes, parts) => {
    expect(parseMultipart(bytes, TYPE)).toEqual({ ok: true, parts })
  })

  it.each([
    ['a file', part('Content-Disposition: form-data; name="cv"; filename="cv.pdf"', 'x')],
    ['an empty file that has a name', part('Content-Disposition: form-data; name="cv"; filename="cv.pdf"', '')],
    ['a file without a name', part('Content-Disposition: form-data; name="cv"; filename=""', 'x')],
    [
      'a file with its name as filename*',
      part('Content-Disposition: form-data; name="cv"; filename*=UTF-8\'\'a.txt', 'x'),
    ],
  ])('is rejected with the field of %s', (_, file) => {
    expect(parseMultipart(body(field('a', '1'), file), TYPE)).toEqual({ ok: false, file: 'cv' })
  })

  it.each([
    ['no boundary', body(field('a', '1')), 'multipart/form-data'],
    ['another boundary', body(field('a', '1')), 'multipart/form-data; boundary=y'],
    ['no closing boundary', bytesOf(field('a', '1')), TYPE],
    ['a part without a name', body(part('Content-Disposition: form-data', '1')), TYPE],
    ['a part without headers', bytesOf('--x\r\n1\r\n--x--\r\n'), TYPE],
    ['a part of another disposition', body(part('Content-Disposition: attachment; name="a"', '1')), TYPE],
    ['line breaks without CR', bytesOf('--x\nContent-Disposition: form-data; name="a"\n\n1\n--x--\n'), TYPE],
    ['a value that is not UTF-8', body(field('a', '\xff\xfe')), TYPE],
    ['a name that is not UTF-8', body(field('\xff', '1')), TYPE],
    ['an empty body', new Uint8Array(), TYPE],
  ])('is rejected: %s', (_, bytes, type) => {
    expect(parseMultipart(bytes, type)).toEqual({ ok: false })
  })

  it('never makes the parser throw or hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string(), (bytes, type) => {
        expect(typeof parseMultipart(bytes, type).ok).toBe('boolean')
      }),
    )
  })
})
