import * as fc from 'fast-check'
import { XmlCData, XmlDocument, XmlElement, XmlLibError, XmlText } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import { readXml, type Element } from '../../../../../relay/marketo/soap/xml/reader.ts'
import { anyText, asXmlHolds } from '../any-text.ts'
import { CREATED, FAILED, faultOf } from '../samples.ts'

function rootOf(text: string): Element {
  const reading = readXml(text)
  if (reading.kind === 'malformed') throw new Error(reading.cause)
  return reading.root
}

function causeOf(text: string): string {
  const reading = readXml(text)
  return reading.kind === 'malformed' ? reading.cause : 'no error'
}

const INVALID_NAMES = 'invalid names or undeclared namespace prefixes'

describe('reading XML', () => {
  it.each([
    ['a number with leading zeros', '0071', '0071'],
    ['a number with an exponent', '1e5', '1e5'],
    ['a hexadecimal number', '0x1F', '0x1F'],
    ['a boolean', 'true', 'true'],
    ['white space at the ends', '  x\t', '  x\t'],
    ['only white space', '   ', '   '],
    ['an empty text', '', ''],
    ['line ends, as XML has them', 'a\r\nb\rc', 'a\nb\nc'],
    ['the five standard entities', '&amp;&lt;&gt;&quot;&apos;', '&<>"\''],
    ['an entity that was escaped', '&amp;lt;', '&lt;'],
    ['a numeric entity that was escaped', '&amp;#39;', '&#39;'],
    ['a decimal entity', '&#39;&#00000000000039;', "''"],
    ['a hexadecimal entity', '&#x1F600;&#x1f600;', '😀😀'],
    ['a carriage return', 'a&#13;b&#xD;', 'a\rb\r'],
    ['the highest character', '&#x10FFFF;', '\u{10FFFF}'],
    ['entities of HTML', '&nbsp;&copy;&euro;', '&nbsp;&copy;&euro;'],
    ['numbers that are no character', '&#0;&#1;&#xD800;&#xFFFE;&#x110000;', '&#0;&#1;&#xD800;&#xFFFE;&#x110000;'],
    ['CDATA', '<![CDATA[a <b>&amp;</b> &#39;]]>', 'a <b>&amp;</b> &#39;'],
    ['CDATA between text', 'a&amp;<![CDATA[&amp;]]>&amp;<![CDATA[]]>b', 'a&&amp;&b'],
    ['a comment between text', 'a<!-- <b> & -->b', 'ab'],
    ['a comment inside CDATA', '<![CDATA[<!-- x -->]]>', '<!-- x -->'],
    ['CDATA inside a comment', 'a<!-- <![CDATA[ -->b', 'ab'],
    ['a DOCTYPE inside CDATA', '<![CDATA[<!DOCTYPE html>]]>', '<!DOCTYPE html>'],
    ['150,000 entities', '&amp;'.repeat(150_000), '&'.repeat(150_000)],
  ])('returns the right text: %s', (_what, text, expected) => {
    const reading = readXml(`<a>${text}</a>`)

    expect(reading).toMatchObject({ kind: 'tree', root: { text: expected } })
  })

  it('returns a list of children for one child and for several', () => {
    const one = rootOf('<a><b>1</b></a>')
    const two = rootOf('<a><b>1</b><b>2</b></a>')

    expect(one.children.map(({ text }) => text)).toEqual(['1'])
    expect(two.children.map(({ text }) => text)).toEqual(['1', '2'])
  })

  it('resolves namespaces by the nearest declaration', () => {
    const root = rootOf(
      '<x:a xmlns:x="urn:1" xmlns="urn:2"><b/><x:c xmlns:x="urn:3"/><d xmlns=""/><x:e/><xml:f xmlns:g="urn&#58;4"/></x:a>',
    )

    const names = [root, ...root.children].map(({ namespace, name }) => `{${namespace}}${name}`)
    expect(names).toEqual([
      '{urn:1}a',
      '{urn:2}b',
      '{urn:3}c',
      '{}d',
      '{urn:1}e',
      '{http://www.w3.org/XML/1998/namespace}f',
    ])
  })

  it.each([
    ['true', 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"', true],
    ['1, among other attributes', `other='x' i:nil = '1' xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`, true],
    ['false', 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="false"', false],
    ['of another namespace', 'xmlns:i="urn:other" i:nil="true"', false],
    ['of no namespace', 'xmlns="http://www.w3.org/2001/XMLSchema-instance" nil="true"', false],
  ])('recognises xsi:nil: %s', (_what, attributes, expected) => {
    expect(rootOf(`<a ${attributes}/>`).nil).toBe(expected)
  })

  it.each([
    ['an empty text', '', 'empty'],
    ['white space', ' \r\n', 'empty'],
    ['an HTML page', '<!doctype html><title>502</title>', 'an HTML page'],
    ['an HTML 4 page', '\n<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><html>', 'an HTML page'],
    ['an HTML page without a DOCTYPE', '<html><body>Bad Gateway</body></html>', 'an HTML page'],
    ['plain text', 'Service Unavailable', 'malformed XML'],
    ['JSON', '{"ok":true}', 'malformed XML'],
    ['a DOCTYPE', '<!DOCTYPE a><a/>', 'a DOCTYPE'],
    ['a DOCTYPE after a comment', '<?xml version="1.0"?><!-- x --><!DOCTYPE a><a/>', 'a DOCTYPE'],
    ['an entity bomb', `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(99)}"><!ENTITY c "&b;&b;">]><a>&c;</a>`, 'a DOCTYPE'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 'a DOCTYPE'],
    ['an entity declaration inside an element', '<a><!ENTITY b "c">&b;</a>', 'malformed XML'],
    ['a processing instruction', '<?xml-stylesheet href="x"?><a/>', 'a processing instruction'],
    ['a broken declaration', '<?xml verzion="1.0"?><a/>', 'a processing instruction'],
    ['a blank before the declaration', ' <?xml version="1.0"?><a/>', 'a processing instruction'],
    ['a missing closing tag', '<a><b></b>', 'malformed XML'],
    ['a wrong closing tag', '<a>\n<b></a></b>', 'malformed XML'],
    ['an extra closing tag', '<a></a></a>', 'malformed XML'],
    ['an unclosed comment', '<a><!-- </a>', 'malformed XML'],
    ['two dashes in a comment', '<a><!-- b -- c --></a>', 'malformed XML'],
    ['unclosed CDATA', '<a><![CDATA[ </a>', 'malformed XML'],
    ['the end of CDATA without its start', '<a>]]></a>', 'malformed XML'],
    ['a bare ampersand', '<a>R & D</a>', 'malformed XML'],
    ['an attribute without quotes', '<a b=c/>', 'malformed XML'],
    ['an attribute twice', '<a b="1" b="2"/>', 'malformed XML'],
    ['a bare ampersand in an attribute', '<a b="R & D"/>', 'malformed XML'],
    ['an unclosed attribute', '<a b="1></a>', 'malformed XML'],
    ['a control character', '<a>\u0001</a>', 'malformed XML'],
    ['two roots', '<a></a><b></b>', 'malformed XML'],
    ['two empty roots', '<a/><b/>', 'malformed XML'],
    ['CDATA outside the root', '<![CDATA[x]]><a/>', 'malformed XML'],
    ['only CDATA', '<![CDATA[x]]>', 'malformed XML'],
    ['an undeclared prefix', '<x:a/>', INVALID_NAMES],
    ['an undeclared prefix of an attribute', '<a x:b="c"/>', INVALID_NAMES],
    [
      'an undeclared prefix of an attribute after xsi:nil',
      '<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true" x:b="c"/>',
      INVALID_NAMES,
    ],
    ['an empty prefix', '<:a/>', INVALID_NAMES],
    ['a prefix bound to no namespace', '<x:a xmlns:x=""/>', INVALID_NAMES],
    ['two colons', '<x:a:b xmlns:x="u"/>', INVALID_NAMES],
    ['the name __proto__', '<__proto__/>', INVALID_NAMES],
    ['markup in an attribute', '<a b="<c>"/>', 'malformed XML'],
    ['deep nesting', '<a>'.repeat(33) + '</a>'.repeat(33), 'nested deeper than 32 elements'],
    ['only a comment', '<!-- x -->', 'malformed XML'],
    ['too many CDATA sections', `<a>${'<![CDATA[]]>'.repeat(2 ** 18)}</a>`, 'more than 262144 elements'],
    ['too many elements', `<a>${'<b/>'.repeat(2 ** 18)}</a>`, 'more than 262144 elements'],
    ['too many attributes', `<a ${Array.from({ length: 257 }, (_, i) => `b${i}=""`).join(' ')}/>`, 'malformed XML'],
    ['too long a name', `<${'a'.repeat(257)}/>`, 'malformed XML'],
  ])('rejects %s', (_what, text, cause) => {
    expect(causeOf(text)).toBe(cause)
  })

  it.each([
    ['deep', '<a>'.repeat(150_000) + '</a>'.repeat(150_000)],
    ['deep and unclosed', '<a>'.repeat(350_000)],
    ['wide', `<a>${'<b/>'.repeat(250_000)}</a>`],
    [
      'full of prefixes',
      `<a ${Array.from({ length: 50_000 }, (_, i) => `xmlns:n${i}="u"`).join(' ')}><b xmlns:c="d"/></a>`,
    ],
    ['full of comments', `<a>${'<!---->'.repeat(140_000)}</a>`],
    ['full of unclosed comments', '<!--'.repeat(250_000)],
    ['full of dashes', `<a><!--${'-x'.repeat(500_000)}</a>`],
    ['full of references', `<a>${'&#38;'.repeat(200_000)}</a>`],
    ['full of ampersands', `<a>${'&'.repeat(1_000_000)}</a>`],
    ['full of spaces', ' '.repeat(1_000_000)],
    ['full of spaces in a tag', `<a${' '.repeat(1_000_000)}`],
    ['one long declaration', `<?xml version="1.0"${' '.repeat(1_000_000)}`],
  ])('reads a megabyte in linear time: %s', (_what, text) => {
    // Bounded by the test's timeout: quadratic time would take minutes.
    expect(['tree', 'malformed']).toContain(readXml(text).kind)
  })

  it('reads any text that libxml2 has written', () => {
    fc.assert(
      fc.property(fc.array(anyText), fc.boolean(), (values, asCData) => {
        const texts = values.map((value) => asXmlHolds(value))
        using document = XmlDocument.create()
        const root = document.createRoot('a')
        for (const text of texts) {
          const element = root.addElement('b')
          if (asCData && !/\r|\]\]>/.test(text)) element.addCData(text)
          else element.addText(text)
        }

        const read = rootOf(document.toString({ format: false }))

        expect(read.children.map(({ text }) => text)).toEqual(texts)
      }),
    )
  })
})

describe('reading corrupted XML', () => {
  const DOCUMENTS = [
    CREATED,
    FAILED,
    faultOf('20105'),
    CREATED.replace('CREATED', '<!-- a --><![CDATA[CREATED]]>').replace('<result>', '<result xmlns="">'),
  ]

  // Not `&`, because entities are tested above, nor `=`, because the parser accepts an extra one between attributes.
  const PIECES = `< > / " ' ! ? - [ ] : x <!-- --> <![CDATA[ ]]> <a> </a> <a/> <?a?>`
    .split(' ')
    .concat('', ' ', '\n', '\r\n', '\u0001', '<a b="c">', ' xmlns="u"', ' xmlns:ns1=""')

  it('rejects every truncation of a document', () => {
    for (const document of DOCUMENTS) {
      const whole = document.trimEnd()
      for (let end = 0; end < whole.length; end += 1) {
        expect(readXml(whole.slice(0, end)).kind, whole.slice(0, end)).toBe('malformed')
      }
    }
  })

  it('accepts only documents that libxml2 accepts, with the same content', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...PIECES)), { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(fc.constantFrom(...DOCUMENTS), edits, (document, edits) => {
        let text = document
        for (const [where, cut, piece] of edits) {
          // The declaration is not changed, because its encoding is not checked.
          const at = '<?xml version="1.0" encoding="UTF-8"?>'.length + (where % 1_000)
          text = text.slice(0, at) + piece + text.slice(at + cut)
        }

        const reading = readXml(text)

        if (reading.kind === 'tree') expect(reading.root).toEqual(readWithLibxml2(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

/** Reads a document with libxml2. Returns the same tree, or libxml2's error messages. */
function readWithLibxml2(text: string): unknown {
  try {
    using document = XmlDocument.fromString(text)
    return convert(document.root)
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error
    const messages = error.details.map(({ message }) => message.trim())
    // Namespaces that are no absolute URI are allowed.
    return messages.every((message) => /is not (?:a valid URI|absolute)$/.test(message)) ? expect.anything() : messages
  }
}

function convert(element: XmlElement): Element {
  const isNil = element.attrs.some(
    ({ name, namespaceUri, value }) =>
      name === 'nil' && namespaceUri === 'http://www.w3.org/2001/XMLSchema-instance' && value.trim() === 'true',
  )
  const converted: Element = { namespace: element.namespaceUri, name: element.name, nil: isNil, text: '', children: [] }
  for (let node = element.firstChild; node; node = node.next) {
    if (node instanceof XmlElement) converted.children.push(convert(node))
    else if (node instanceof XmlText || node instanceof XmlCData) converted.text += node.content
  }
  return converted
}
