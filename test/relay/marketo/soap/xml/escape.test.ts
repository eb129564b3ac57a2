import * as fc from 'fast-check'
import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import { xmlText } from '../../../../../relay/marketo/soap/xml/escape.ts'
import { anyText, asXmlHolds } from '../any-text.ts'

/** Returns what libxml2 reads from the text, as an element's content and as an attribute. */
function readBack(value: string): { content: string; attribute: string | undefined } {
  const text = xmlText(value)
  // The package decodes each value by itself, and takes a U+FEFF at its start for a byte-order mark.
  using document = XmlDocument.fromString(`<a b=".${text}">.${text}</a>`)
  return { content: document.root.content.slice(1), attribute: document.root.attr('b')?.value.slice(1) }
}

describe('escaped text', () => {
  it.each([
    ['markup', '<a href="x">R&D</a> \'n\' ]]>'],
    ['text that looks escaped', '&amp; &#39; &lt;'],
    ['accents and emoji', `Zoë O'Brien & <Söhne> "😀"`],
    ['line ends of every kind', 'one\r\ntwo\rthree\nfour\tfive'],
    ['blanks at the ends', '  x  '],
    ['the highest and the lowest characters', '\t\u0020\uD7FF\uE000\uFFFD\u{10000}\u{1FFFE}\u{10FFFF}'],
    ['controls that XML allows', '\u007F\u0085\u009F\u2028'],
    ['a byte-order mark at the start', '\uFEFFa'],
    ['an empty text', ''],
  ])('is read back unchanged: %s', (_what, value) => {
    expect(readBack(value).content).toBe(value)
  })

  it.each([
    ['a NUL', 'a\0b', 'ab'],
    ['other controls', '\u0001a\u0008\u000B\u000C\u000E\u001Fb', 'ab'],
    ['U+FFFE and U+FFFF', 'a\uFFFEb\uFFFF', 'ab'],
    ['a lone high surrogate', 'a\uD83Db', 'a\uFFFDb'],
    ['a lone low surrogate', 'a\uDE00b', 'a\uFFFDb'],
    ['surrogates in the wrong order', '\uDE00\uD83D', '\uFFFD\uFFFD'],
  ])('has no character that XML cannot hold: %s', (_what, value, expected) => {
    expect(readBack(value).content).toBe(expected)
  })

  it('is read back by another parser, for any text', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(readBack(value).content).toBe(asXmlHolds(value))
      }),
    )
  })

  it('never ends an attribute value', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        // A parser turns tabs and line feeds of an attribute into spaces (XML 1.0, 3.3.3).
        expect(readBack(value).attribute).toBe(asXmlHolds(value).replaceAll(/[\t\n]/g, ' '))
      }),
    )
  })
})
