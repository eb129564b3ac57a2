/**
 * Splits XML into tokens and lays it out with one element per line. Pure.
 *
 * Text is not decoded or changed: `&amp;` remains `&amp;`. White space between elements is dropped; white space that is
 * the only content of an element is kept. Uses no recursion, so that deep nesting cannot overflow the stack.
 */

type TokenKind = 'mark' | 'prefix' | 'name' | 'attribute' | 'text' | 'aside'

export interface Token {
  /** `mark`: `<`, `>` and the like. `attribute`: name and value. `aside`: comment, declaration or processing instruction. */
  kind: TokenKind
  text: string
}

export interface Line {
  /** Number of enclosing elements. */
  depth: number
  tokens: Token[]
  /** Local name of the element that starts on this line. */
  element?: string
  /** Text of the element, if the whole element is on this line. */
  text?: string
  /** Index of the line on which the element that starts here ends. */
  endLine: number
}

/** Returns the lines of a document, or undefined if it is not well-formed. */
export function layOutXml(source: string): Line[] | undefined {
  const pieces = split(source)
  if (!pieces) return undefined
  const lines: Line[] = []
  const open: { name: string; line: number }[] = []

  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!
    const line: Line = { depth: open.length, tokens: [], endLine: lines.length }
    switch (piece.kind) {
      case 'open': {
        line.tokens.push(...tagTokens(piece))
        line.element = localName(piece.name)
        const end = endOfLeaf(pieces, i)
        if (end === undefined) {
          open.push({ name: piece.name, line: lines.length })
        } else {
          const content = pieces.slice(i + 1, end)
          line.tokens.push(...content.map(contentToken), ...tagTokens(pieces[end]!))
          line.text = content.map((inner) => inner.source).join('')
          i = end
        }
        break
      }
      case 'empty':
        line.tokens.push(...tagTokens(piece))
        line.element = localName(piece.name)
        line.text = ''
        break
      case 'close': {
        const begin = open.pop()
        if (begin?.name !== piece.name) return undefined
        line.depth = open.length
        line.tokens.push(...tagTokens(piece))
        lines[begin.line]!.endLine = lines.length
        break
      }
      case 'text':
        if (piece.source.trim() === '') continue
        line.tokens.push(contentToken(piece))
        break
      case 'cdata':
      case 'aside':
        line.tokens.push(contentToken(piece))
        break
      default:
        piece.kind satisfies never
    }
    lines.push(line)
  }
  return open.length === 0 && lines.some((line) => line.element) ? lines : undefined
}

interface Piece {
  kind: 'open' | 'close' | 'empty' | 'text' | 'cdata' | 'aside'
  source: string
  /** Name of the element with its prefix. Empty unless the piece is a tag. */
  name: string
}

/**
 * Matches one piece. A quoted attribute value may contain `>`.
 *
 * No two adjacent parts of an alternative match the same character, so that matching takes linear time.
 */
const PIECE = new RegExp(
  [
    String.raw`(?<aside><\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^[>]*(?:\[[^\]]*\]\s*)?>)`,
    String.raw`(?<cdata><!\[CDATA\[[\s\S]*?\]\]>)`,
    String.raw`<(?<slash>/?)(?<name>[^\s<>/!?="'][^\s<>/="']*)(?=[\s/>])(?:[^<>"']|"[^"<]*"|'[^'<]*')*>`,
    String.raw`(?<text>[^<]+)`,
  ].join('|'),
  'y',
)

function split(source: string): Piece[] | undefined {
  const pieces: Piece[] = []
  const piece = new RegExp(PIECE)
  while (piece.lastIndex < source.length) {
    const match = piece.exec(source)
    if (!match) return undefined
    const { aside, cdata, text, slash, name = '' } = match.groups!
    const whole = match[0]
    if (aside) pieces.push({ kind: 'aside', source: whole, name: '' })
    else if (cdata) pieces.push({ kind: 'cdata', source: whole, name: '' })
    else if (text) pieces.push({ kind: 'text', source: whole, name: '' })
    else pieces.push({ kind: slash ? 'close' : whole.endsWith('/>') ? 'empty' : 'open', source: whole, name })
  }
  return pieces
}

/** Returns the index of the end tag of the element that starts at `from`, if it contains only text. */
function endOfLeaf(pieces: readonly Piece[], from: number): number | undefined {
  let i = from + 1
  while (pieces[i]?.kind === 'text' || pieces[i]?.kind === 'cdata') i++
  const end = pieces[i]
  return end?.kind === 'close' && end.name === pieces[from]!.name ? i : undefined
}

function contentToken(piece: Piece): Token {
  return { kind: piece.kind === 'aside' ? 'aside' : 'text', text: piece.source }
}

const ATTRIBUTE = /\s*([^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))/gy

/** Splits a tag: `<ns1:a b="c"/>` into `<`, `ns1:`, `a`, a space, `b="c"` and `/>`. */
function tagTokens({ source, name }: Piece): Token[] {
  const start = source.startsWith('</') ? '</' : '<'
  const end = source.endsWith('/>') ? '/>' : '>'
  const local = localName(name)
  const prefix = name.slice(0, name.length - local.length)
  const attributes = source.slice(start.length + name.length, -end.length)
  const tokens: Token[] = [{ kind: 'mark', text: start }]
  if (prefix) tokens.push({ kind: 'prefix', text: prefix })
  tokens.push({ kind: 'name', text: local })
  let consumed = 0
  for (const [whole, attribute = ''] of attributes.matchAll(ATTRIBUTE)) {
    tokens.push({ kind: 'mark', text: ' ' }, { kind: 'attribute', text: attribute })
    consumed += whole.length
  }
  // Text that is not an attribute is shown too.
  tokens.push({ kind: 'mark', text: attributes.slice(consumed).trimEnd() + end })
  return tokens
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
