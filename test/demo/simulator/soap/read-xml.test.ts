import { describe, expect, it } from 'vitest'
import { childOf, readXml, textOf } from '../../../../demo/simulator/soap/read-xml.ts'

describe('the text of an element', () => {
  it.each([
    ['keeps leading zeros', '0071', '0071'],
    ['keeps white space', ' a  b\n', ' a  b\n'],
    ['keeps true as text', 'true', 'true'],
    ['has its five entities decoded', '&amp;&lt;&gt;&quot;&apos;', `&<>"'`],
    ['has decimal and hexadecimal references decoded', '&#39;&#x27;&#128512;&#x1F600;', `''😀😀`],
    ['is decoded only once', '&amp;lt;&amp;#39;', '&lt;&#39;'],
    ['contains CDATA unchanged', 'a<![CDATA[ &amp; <b> ]]>c', 'a &amp; <b> c'],
    ['may contain a DTD in CDATA', '<![CDATA[<!DOCTYPE html>]]>', '<!DOCTYPE html>'],
    ['does not contain comments', 'a<!-- b -->c', 'ac'],
    ['has its line ends normalised', 'a\r\nb\rc', 'a\nb\nc'],
    ['keeps a carriage return from a numeric reference', 'a&#13;b', 'a\rb'],
  ])('%s', (_, written, read) => {
    const element = readXml(`<a>${written}</a>`)

    expect(element.text).toBe(read)
  })

  it('is undefined if the element is missing, empty or nil', () => {
    const element = readXml(
      '<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><empty/><nil i:nil="1">x</nil><no i:nil="false">y</no></a>',
    )

    const texts = ['missing', 'empty', 'nil', 'no'].map((name) => textOf(element, name))

    expect(texts).toEqual([undefined, undefined, undefined, 'y'])
  })
})

describe('element names', () => {
  it.each([
    ['a prefix', '<p:a xmlns:p="urn:one"/>', 'urn:one'],
    ['another prefix for the same namespace', '<x:a xmlns:x="urn:one"/>', 'urn:one'],
    ['the default namespace', '<a xmlns="urn:one"/>', 'urn:one'],
    ['a prefix with a name of JavaScript', '<constructor:a xmlns:constructor="urn:one"/>', 'urn:one'],
    ['no namespace', '<a/>', ''],
  ])('are resolved by namespace: %s', (_, xml, namespace) => {
    const element = readXml(xml)

    expect(element).toMatchObject({ namespace, name: 'a' })
  })

  it('are found without a namespace or in Marketo’s namespace only', () => {
    const element = readXml(
      '<a xmlns:m="http://www.marketo.com/mktows/" xmlns:o="urn:other"><b>1</b><m:c>2</m:c><o:d>3</o:d><E>4</E></a>',
    )

    const found = ['b', 'c', 'd', 'e'].map((name) => childOf(element, name)?.text)

    expect(found).toEqual(['1', '2', undefined, undefined])
  })
})

describe('invalid XML is rejected with 20012', () => {
  it.each([
    ['nothing', ''],
    ['plain text', 'hello'],
    ['an incomplete document', '<a><b></b>'],
    ['overlapping elements', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['a bare ampersand', '<a>x & y</a>'],
    ['an entity without a semicolon', '<a>&amp</a>'],
    ['an undefined entity', '<a>&nbsp;</a>'],
    ['an entity with a name of JavaScript', '<a>&constructor;</a>'],
    ['a character that XML does not allow', '<a>\u0000</a>'],
    ['a reference to such a character', '<a>&#0;</a>'],
    ['a reference to half a surrogate pair', '<a>&#xD83D;</a>'],
    ['a reference beyond Unicode', '<a>&#1114112;</a>'],
    ['an undeclared prefix', '<p:a/>'],
    ['a duplicate attribute', '<a b="1" b="2"/>'],
    ['a DTD', '<!DOCTYPE a><a/>'],
    ['an entity of a DTD', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['100,000 open elements', '<a>'.repeat(100_000)],
    ['nesting of 100 levels', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`],
    ['an unterminated attribute', `<a b="${'<'.repeat(100_000)}`],
  ])('%s', (_, xml) => {
    expect(() => readXml(xml)).toThrow(expect.objectContaining({ code: '20012' }))
  })
})
