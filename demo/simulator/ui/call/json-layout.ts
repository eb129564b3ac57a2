/**
 * Lays out a message of the REST API with one property per line: JSON, or an HTTP request with its first lines. Pure.
 *
 * The lines are those of `xml-layout.ts`, so that both are shown and explained alike.
 */
import type { Line, Token } from './xml-layout.ts'

/** A text with more open brackets at once is not laid out, so that nesting cannot overflow the stack. */
const MAX_DEPTH = 100

/** First lines of a request: method and address, then headers, then an empty line. */
const HEAD = /^([A-Z]+) (\/[^\s?]*)(\?\S*)?\n((?:[^\n]+\n)*)\n/

/** Returns the lines of a message, or undefined if it is neither JSON nor a request. */
export function layOutRest(source: string): Line[] | undefined {
  const [head, method = '', path = '', query = '', headers = ''] = HEAD.exec(source) ?? []
  const body = source.slice(head?.length ?? 0).trim()
  const json = parse(body)
  if (head === undefined && json === undefined) return undefined

  const lines: Line[] = []
  if (head !== undefined) {
    const address = [{ kind: 'mark', text: `${method} ` } as const, { kind: 'text', text: path } as const]
    addLine(lines, 0, [...address, ...queryTokens(query)])
    for (const header of headers.split('\n')) if (header) addLine(lines, 0, [{ kind: 'aside', text: header }])
  }
  if (json) addValue(lines, json.value, { depth: 0, after: '' })
  else if (body) addLine(lines, 0, [{ kind: 'text', text: body }])
  return lines
}

/** Returns the texts of all properties with this name. */
export function textsOf(lines: readonly Line[], name: string): string[] {
  return lines.flatMap(({ element, text }) => (element === name && text !== undefined ? [text] : []))
}

function queryTokens(query: string): Token[] {
  return query === '' ? [] : [{ kind: 'attribute', text: query }]
}

function parse(text: string): { value: unknown } | undefined {
  if (!/^[[{]/.test(text) || depthOf(text) > MAX_DEPTH) return undefined
  try {
    return { value: JSON.parse(text) }
  } catch {
    // Not JSON after all.
    return undefined
  }
}

/** Returns the largest number of open brackets, those in strings included. */
function depthOf(text: string): number {
  let depth = 0
  let max = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    max = Math.max(max, depth)
  }
  return max
}

interface Place {
  depth: number
  /** Name of the property; undefined for an element of a list. */
  name?: string
  /** A comma, unless the value is the last. */
  after: string
}

function addValue(lines: Line[], value: unknown, { depth, name, after }: Place): void {
  const before: Token[] = name === undefined ? [] : nameTokens(name)
  const children = childrenOf(value)
  if (children.length === 0) {
    const text = JSON.stringify(value)
    const line = addLine(lines, depth, [...before, { kind: 'text', text }, ...mark(after)], name)
    line.text = typeof value === 'string' ? value : text
    return
  }
  const [start, end] = Array.isArray(value) ? '[]' : '{}'
  const first = addLine(lines, depth, [...before, ...mark(start)], name)
  children.forEach(([childName, child], index) => {
    const comma = index < children.length - 1 ? ',' : ''
    addValue(lines, child, { depth: depth + 1, after: comma, ...(childName !== undefined && { name: childName }) })
  })
  first.endLine = lines.length
  addLine(lines, depth, mark(`${end}${after}`))
}

function childrenOf(value: unknown): [name: string | undefined, value: unknown][] {
  if (Array.isArray(value)) return value.map((item) => [undefined, item])
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function nameTokens(name: string): Token[] {
  return [...mark('"'), { kind: 'name', text: name }, ...mark('": ')]
}

function mark(text: string | undefined): Token[] {
  return text ? [{ kind: 'mark', text }] : []
}

function addLine(lines: Line[], depth: number, tokens: Token[], element?: string): Line {
  const line: Line = { depth, tokens, endLine: lines.length, ...(element !== undefined && { element }) }
  lines.push(line)
  return line
}
