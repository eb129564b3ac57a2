import { describe, expect, it } from 'vitest'
import { childOf, readXml, textOf } from '../../../../demo/simulator/soap/read-xml.ts'

describe('text', () => {
  it.each([
    ['digits stay digits', '0071', '0071'],
    ['white space stays', ' a  b\n', ' a  b\n'],
    ['true stays a word', 'true', 'true'],
    ['the five entities are decoded', '&amp;&lt;&gt;&quot;&apos;', `&<>"'`],
    ['decimal and hexadecimal entities are decoded', '&#39;&#x27;&#128512;&#x1F600;', `''😀😀`],
    ['nothing is decoded twice', '&amp;lt;&amp;#39;', '&lt;&#39;'],
    ['CDATA is taken as it is', 'a<![CDATA[ &amp; <b> ]]>c', 'a &amp; <b> c'],
    ['CDATA may speak of a DTD', '<![CDATA[<!DOCTYPE html>]]>', '<!DOCTYPE html>'],
    ['a comment leaves no gap', 'a<!-- b -->c', 'ac'],
    ['line ends become one', 'a\r\nb\rc', 'a\nb\nc'],
    ['a carriage return by number stays', 'a&#13;b', 'a\rb'],
  ])('%s', (_, written, read) => {
    const element = readXml(`<a>${written}</a>`)

    expect(element.text).toBe(read)
  })

  it('is undefined where the element is missing, empty or nil', () => {
    const element = readXml(
      '<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><empty/><nil i:nil="1">x</nil><no i:nil="false">y</no></a>',
    )

    const texts = ['missing', 'empty', 'nil', 'no'].map((name) => textOf(element, name))

    expect(texts).toEqual([undefined, undefined, undefined, 'y'])
  })
})

describe('names', () => {
  it.each([
    ['a prefix', '<p:a xmlns:p="urn:one"/>', 'urn:one'],
    ['another prefix for the same', '<x:a xmlns:x="urn:one"/>', 'urn:one'],
    ['the default', '<a xmlns="urn:one"/>', 'urn:one'],
    ['a prefix with a name of JavaScript', '<constructor:a xmlns:constructor="urn:one"/>', 'urn:one'],
    ['none', '<a/>', ''],
  ])('are told apart by namespace: %s', (_, xml, namespace) => {
    const element = readXml(xml)

    expect(element).toMatchObject({ namespace, name: 'a' })
  })

  it('are found unqualified or in Marketo’s own namespace, and nowhere else', () => {
    const element = readXml(
      '<a xmlns:m="http://www.marketo.com/mktows/" xmlns:o="urn:other"><b>1</b><m:c>2</m:c><o:d>3</o:d><E>4</E></a>',
    )

    const found = ['b', 'c', 'd', 'e'].map((name) => childOf(element, name)?.text)

    expect(found).toEqual(['1', '2', undefined, undefined])
  })
})

describe('what is no XML is answered 20012', () => {
  it.each([
    ['nothing', ''],
    ['words', 'hello'],
    ['a half', '<a><b></b>'],
    ['crossed elements', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['a bare ampersand', '<a>x & y</a>'],
    ['an entity without its end', '<a>&amp</a>'],
    ['an entity that nobody defined', '<a>&nbsp;</a>'],
    ['an entity with a name of JavaScript', '<a>&constructor;</a>'],
    ['a character that XML cannot hold', '<a>\u0000</a>'],
    ['the same by number', '<a>&#0;</a>'],
    ['half a pair of surrogates by number', '<a>&#xD83D;</a>'],
    ['a number beyond Unicode', '<a>&#1114112;</a>'],
    ['a prefix that is not bound', '<p:a/>'],
    ['an attribute that comes twice', '<a b="1" b="2"/>'],
    ['a DTD', '<!DOCTYPE a><a/>'],
    ['an entity of a DTD', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['nesting without end', '<a>'.repeat(100_000)],
    ['deep nesting', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`],
    ['an open attribute', `<a b="${'<'.repeat(100_000)}`],
  ])('%s', (_, xml) => {
    expect(() => readXml(xml)).toThrow(expect.objectContaining({ code: '20012' }))
  })
})
