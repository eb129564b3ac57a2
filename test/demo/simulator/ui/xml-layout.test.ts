/** Tests of the XML layout: all text is kept, and no input breaks it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOutXml, type Line } from '../../../../demo/simulator/ui/call/xml-layout.ts'

/** Prints the lines with indentation. */
function print(lines: Line[] | undefined): string | undefined {
  return lines?.map((line) => '  '.repeat(line.depth) + textOf(line)).join('\n')
}

function textOf(line: Line): string {
  return line.tokens.map((token) => token.text).join('')
}

interface Tree {
  name: string
  attributes: [string, string][]
  text: string
  children: Tree[]
}

const name = fc.stringMatching(/^([a-z][\w-]{0,5}:)?[A-Za-z_][\w.-]{0,11}$/)
const attribute = fc.tuple(name, fc.string({ unit: 'grapheme' }).map(escape))
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name,
    attributes: fc.array(attribute, { maxLength: 3 }),
    text: fc.string({ unit: 'grapheme', maxLength: 60 }).map(escape),
    children: fc.oneof({ depthSize: 'small' }, fc.constant<Tree[]>([]), fc.array(tie('tree'), { maxLength: 4 })),
  }),
}))

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/**
 * Writes a tree as XML. An element has either text or children, as in every envelope.
 *
 * @param between white space between elements
 */
function write({ name, attributes, text, children }: Tree, between: string): string {
  const open = `<${name}${attributes.map(([key, value]) => ` ${key}="${value}"`).join('')}>`
  if (children.length === 0) return `${open}${text}</${name}>`
  return `${open}${between}${children.map((child) => write(child, between) + between).join('')}</${name}>`
}

function leafTexts({ text, children }: Tree): string[] {
  return children.length === 0 ? [text].filter(Boolean) : children.flatMap(leafTexts)
}

describe('XML laid out', () => {
  it('has one element per line, indented by depth', () => {
    const source = '<?xml version="1.0"?>\n<e:A xmlns:e="urn:x"><b>one &amp; two</b><c><d/></c></e:A>'

    const lines = layOutXml(source)

    expect(print(lines)).toBe(
      [
        '<?xml version="1.0"?>',
        '<e:A xmlns:e="urn:x">',
        '  <b>one &amp; two</b>',
        '  <c>',
        '    <d/>',
        '  </c>',
        '</e:A>',
      ].join('\n'),
    )
  })

  it('contains the end line of each element', () => {
    const lines = layOutXml('<a><b>x</b><c><d/></c></a>')

    expect(lines?.map((line) => [line.element, line.endLine])).toEqual([
      ['a', 5],
      ['b', 1],
      ['c', 4],
      ['d', 3],
      [undefined, 4],
      [undefined, 5],
    ])
  })

  it('keeps every text unchanged', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom('', '\n', '\n    ', '\t'), (root, between) => {
        const lines = layOutXml(write(root, between)) ?? []

        const texts = lines.flatMap((line) => line.tokens.filter((token) => token.kind === 'text'))
        expect(texts.map((token) => token.text)).toEqual(leafTexts(root))
      }),
    )
  })

  it('adds and loses no character of a document without white space between its elements', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const source = write(root, '')

        const lines = layOutXml(source) ?? []

        expect(lines.map(textOf).join('')).toBe(source)
      }),
    )
  })

  it.each([
    ['text beside elements', '<a>before<b/>after</a>', ['before', 'after']],
    ['a CDATA section', '<a><![CDATA[<b>&]]></a>', ['<![CDATA[<b>&]]>']],
    ['text around a CDATA section', '<a>x<![CDATA[<]]>y</a>', ['x', '<![CDATA[<]]>', 'y']],
    ['white space that is the only content', '<a> </a>', [' ']],
  ])('keeps %s', (_, source, texts) => {
    const lines = layOutXml(source) ?? []

    const kept = lines.flatMap((line) => line.tokens.filter((token) => token.kind === 'text').map((t) => t.text))
    expect(kept).toEqual(texts)
  })

  it.each([
    ['a proxy page with unclosed elements', '<html><body><p>502<br></body></html>'],
    ['a truncated reply', '<?xml version="1.0"?><a><b>te'],
    ['an element that closes twice', '<a></a></a>'],
    ['overlapping elements', '<a><b><c/></a></b>'],
    ['plain text', 'a & b'],
    ['an empty text', ''],
    ['JSON', '{"success":true}'],
  ])('is undefined for %s', (_, source) => {
    expect(layOutXml(source)).toBeUndefined()
  })

  it('keeps invalid attributes', () => {
    const lines = layOutXml('<a b="1" c d=2>x</a>') ?? []

    expect(lines.map(textOf)).toEqual(['<a b="1" c d=2>x</a>'])
  })

  it('never throws, for any string', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            '<',
            '>',
            '/',
            '</a>',
            '<a',
            '"',
            "'",
            '=',
            ' ',
            '<!--',
            '-->',
            '<![CDATA[',
            ']]>',
            '<?',
            'x',
          ),
        )
        .map((parts) => parts.join('')),
    )

    fc.assert(fc.property(anything, (source) => void layOutXml(source)))
  })

  it('handles 10,000 levels of nesting', () => {
    const deep = 10_000

    const lines = layOutXml('<a>'.repeat(deep) + '</a>'.repeat(deep))

    // The innermost element takes one line.
    expect(lines).toHaveLength(2 * deep - 1)
    expect(lines?.[deep - 1]?.depth).toBe(deep - 1)
  })

  it.each([
    ['a tag that never ends', `<${'a'.repeat(100_000)}`],
    ['attributes that never end', `<a ${'b="" '.repeat(25_000)}`],
    ['a name in place of attributes', `<a ${'b'.repeat(100_000)}></a>`],
    ['quotes', `<a ${'"'.repeat(100_001)}>`],
    ['a comment that never ends', `<a><!--${'-'.repeat(100_000)}`],
    ['a document type of white space', `<!DOCTYPE${' '.repeat(100_000)}`],
  ])(
    'takes less than half a second for %s',
    (_, source) => {
      expect(() => layOutXml(source)).not.toThrow()
    },
    // Linear time takes a hundredth of this limit, quadratic time would take minutes.
    500,
  )
})
