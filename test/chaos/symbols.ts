/** Finds declared symbols in a source file, and changes the source of one. */
import { parseSync } from 'oxc-parser'

/** A change of one symbol's source. */
export interface Change {
  /** Path of the file, from the root of the checkout. */
  file: string
  /**
   * Name of a function, class, method or constant at the top of the file; after a dot, of one that is declared within it.
   *
   * @example 'createApp'
   * @example 'LeadOutbox.#wakeAt'
   * @example 'openSqlite.transaction'
   */
  symbol: string
  change: (symbol: SymbolSource) => string
}

/** The source of a symbol, split at its body: a function's block or expression, or a constant's value. */
interface SymbolSource {
  before: string
  body: string
  after: string
}

/**
 * Returns the source with the change made.
 *
 * @throws an error that names file and symbol: the symbol is not there or is not unique, nothing changes, or the result
 *   is no valid source
 */
export function applyChange(source: string, { file, symbol, change }: Change): string {
  const place = `${file}, ${symbol}`
  const { start, end, body } = findSymbol(file, source, symbol)
  const text = {
    before: source.slice(start, body.start),
    body: source.slice(body.start, body.end),
    after: source.slice(body.end, end),
  }
  let changed
  try {
    changed = source.slice(0, start) + change(text) + source.slice(end)
  } catch (cause) {
    throw new Error(`${place}: ${(cause as Error).message}`, { cause })
  }
  if (changed === source) throw new Error(`${place}: the change leaves the source as it is`)
  const [error] = parseSync(file, changed).errors
  if (error) throw new Error(`${place}: the changed source is not valid: ${error.message}`)
  return changed
}

/** Returns a change that puts another text in place of one that is in the symbol once. White space may differ. */
export function replace(find: string, put: string): Change['change'] {
  const words = find.trim().split(/\s+/)
  const pattern = new RegExp(words.map((word) => word.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('\\s+'), 'g')
  return ({ before, body, after }) => {
    const text = before + body + after
    const found = [...text.matchAll(pattern)]
    if (found.length !== 1) throw new Error(`“${find}” is in the symbol ${found.length} times; it must be there once`)
    return text.replace(pattern, () => put)
  }
}

/** Returns a change that puts another body in place of the symbol's: a block with its braces, or an expression. */
export function replaceBody(put: string): Change['change'] {
  return ({ before, after }) => before + put + after
}

/** Returns a change that puts statements at the beginning of the function's block. */
export function prepend(statements: string): Change['change'] {
  return ({ before, body, after }) => {
    if (!body.startsWith('{')) throw new Error('the symbol has no block that statements can be put into')
    return `${before}{\n${statements}\n${body.slice(1)}${after}`
  }
}

interface Range {
  start: number
  end: number
}

type Declaration = Range & { body: Range }

/** A node of the syntax tree, of which only the fields below are read. */
interface Node extends Range {
  type: string
  id?: Node | null
  key?: Node
  name?: string
  value?: unknown
  init?: Node | null
  body?: unknown
  shorthand?: boolean
}

function findSymbol(file: string, source: string, symbol: string): Declaration {
  const { program, errors } = parseSync(file, source)
  if (errors[0]) throw new Error(`${file} is not valid: ${errors[0].message}`)
  let scope: Declaration = { start: 0, end: source.length, body: program }
  let nodes = topLevel(program)
  for (const name of symbol.split('.')) {
    const found = nodes.flatMap((node) => declarationOf(node, name) ?? [])
    const [declaration] = found
    if (!declaration) throw new Error(`${file} has no symbol ${symbol}`)
    if (found.length > 1) throw new Error(`${file} has ${found.length} symbols ${symbol}; name the one it is within`)
    scope = declaration
    nodes = descendants(program as Node).filter(({ start, end }) => start >= scope.body.start && end <= scope.body.end)
  }
  return scope
}

/** Returns the declarations at the top of a file. */
function topLevel({ body }: Node): Node[] {
  return (body as Node[]).flatMap((statement) => {
    const declared = (statement as unknown as { declaration?: Node | null }).declaration ?? statement
    return [declared, ...((declared as unknown as { declarations?: Node[] }).declarations ?? [])]
  })
}

function descendants(node: Node): Node[] {
  const children = Object.values(node).flatMap((value: unknown) => (Array.isArray(value) ? value : [value]))
  const nodes = children.filter(
    (child): child is Node => typeof child === 'object' && child !== null && 'type' in child,
  )
  return [node, ...nodes.flatMap(descendants)]
}

/** Returns the declaration where the node declares this name. */
function declarationOf(node: Node, name: string): Declaration | undefined {
  const { start, end } = node
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return node.id?.name === name ? { start, end, body: node.body as Node } : undefined
    case 'VariableDeclarator':
      return node.id?.name === name && node.init ? { start, end, body: bodyOf(node.init) } : undefined
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return keyOf(node) === name && node.value ? { start, end, body: bodyOf(node.value as Node) } : undefined
    case 'Property':
      // Of an object's properties only functions are symbols.
      return keyOf(node) === name && isFunction(node.value as Node)
        ? { start, end, body: bodyOf(node.value as Node) }
        : undefined
    default:
      return undefined
  }
}

function keyOf({ key }: Node): string | undefined {
  return key?.type === 'PrivateIdentifier' ? `#${key.name}` : key?.name
}

function isFunction({ type }: Node): boolean {
  return type === 'FunctionExpression' || type === 'ArrowFunctionExpression'
}

/** Returns a function's body, or the whole of another value. */
function bodyOf(value: Node): Range {
  return isFunction(value) ? (value.body as Node) : value
}
