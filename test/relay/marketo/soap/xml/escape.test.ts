import * as fc from 'fast-check'
import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import { xmlText } from '../../../../../relay/marketo/soap/xml/escape.ts'
import { anyText, asXmlHolds } from '../any-text.ts'

/** What another reader makes of it, as an element's content and as an attribute. */
function readBack(value: string): { content: string; attribute: string | undefined } {
  const text = xmlText(value)
  using document = XmlDocument.fromString(`<a b="${text}">${text}</a>`)
  return { content: document.root.content, attribute: document.root.attr('b')?.value }
}

describe('text in XML', () => {
  it.each([
    ['markup', '<a href="x">R&D</a> \'n\' ]]>'],
    ['what looks escaped already', '&amp; &#39; &lt;'],
    ['accents and emoji', `Zoë O'Brien & <Söhne> "😀"`],
    ['line ends of every kind', 'one\r\ntwo\rthree\nfour\tfive'],
    ['blanks at the ends', '  x  '],
    ['the highest and the lowest characters', '\t\u0020\uD7FF\uE000\uFFFD\u{10000}\u{1FFFE}\u{10FFFF}'],
    ['controls that XML allows', '\u007F\u0085\u009F\u2028'],
    ['nothing', ''],
  ])('arrives as it was: %s', (_what, value) => {
    expect(readBack(value).content).toBe(value)
  })

  it.each([
    ['a NUL', 'a\0b', 'ab'],
    ['other controls', '\u0001a\u0008\u000B\u000C\u000E\u001Fb', 'ab'],
    ['U+FFFE and U+FFFF', 'a\uFFFEb\uFFFF', 'ab'],
    ['the first half of a pair', 'a\uD83Db', 'a\uFFFDb'],
    ['the second half of a pair', 'a\uDE00b', 'a\uFFFDb'],
    ['halves in the wrong order', '\uDE00\uD83D', '\uFFFD\uFFFD'],
  ])('leaves out what XML cannot hold: %s', (_what, value, expected) => {
    expect(readBack(value).content).toBe(expected)
  })

  it('survives another reader, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(readBack(value).content).toBe(asXmlHolds(value))
      }),
    )
  })

  it('cannot end an attribute', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        // A reader turns tabs and line feeds of an attribute into blanks (XML 1.0, 3.3.3).
        expect(readBack(value).attribute).toBe(asXmlHolds(value).replaceAll(/[\t\n]/g, ' '))
      }),
    )
  })
})
