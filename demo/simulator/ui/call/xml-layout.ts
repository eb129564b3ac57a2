/**
 * XML as it is read by people: cut into tokens, laid out one element a line. Pure.
 *
 * What went over the wire is shown, so nothing is decoded and no text is changed: `&amp;` stays `&amp;`. White space
 * between elements is left out, white space that is an element's only content stays. What is no well-formed XML gives
 * undefined, and is then shown as it is. Nothing here recurses: a reply may be nested as deeply as it likes.
 */

type TokenKind = 'mark' | 'prefix' | 'name' | 'attribute' | 'text' | 'aside'

export interface Token {
  /** `mark` is `<`, `>` and the like; `attribute` a name and its value; `aside` a comment, a declaration or a processing instruction. */
  kind: TokenKind
  text: string
}

export interface Line {
  /** How many elements it stands in. */
  depth: number
  tokens: Token[]
  /** The local name of the element that begins on this line. */
  element?: string
  /** The element's text, when the whole of it stands on this line. */
  text?: string
  /** The index of the line where the element that begins here ends. */
  until: number
}

/** The lines of a document, or undefined when it is not well-formed. */
export function layOutXml(source: string): Line[] | undefined {
  const pieces = cut(source)
  if (!pieces) return undefined
  const lines: Line[] = []
  const open: { name: string; line: number }[] = []

  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!
    const line: Line = { depth: open.length, tokens: [], until: lines.length }
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
        lines[begin.line]!.until = lines.length
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
  /** The element's name with its prefix; empty for all but tags. */
  name: string
}

/**
 * One alternative a kind of piece; a quoted attribute value may hold `>`. No two parts of an alternative can take the
 * same character, so that the time to find that one does not match grows with its length alone.
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

function cut(source: string): Piece[] | undefined {
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

/** Where the element that opens at `from` closes, when it holds text alone. */
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

/** `<ns1:a b="c"/>` → `<` `ns1:` `a` ` ` `b="c"` `/>`. */
function tagTokens({ source, name }: Piece): Token[] {
  const start = source.startsWith('</') ? '</' : '<'
  const end = source.endsWith('/>') ? '/>' : '>'
  const local = localName(name)
  const prefix = name.slice(0, name.length - local.length)
  const attributes = source.slice(start.length + name.length, -end.length)
  const tokens: Token[] = [{ kind: 'mark', text: start }]
  if (prefix) tokens.push({ kind: 'prefix', text: prefix })
  tokens.push({ kind: 'name', text: local })
  let taken = 0
  for (const [whole, attribute = ''] of attributes.matchAll(ATTRIBUTE)) {
    tokens.push({ kind: 'mark', text: ' ' }, { kind: 'attribute', text: attribute })
    taken += whole.length
  }
  // What is no attribute is shown all the same.
  tokens.push({ kind: 'mark', text: attributes.slice(taken).trimEnd() + end })
  return tokens
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
