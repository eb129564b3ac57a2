/**
 * The globals that a file reads: every identifier used as a value that no declaration of the file binds.
 *
 * Scopes are those of the language, so that a parameter named `fetch` hides the global one in its own function alone.
 * An ambient declaration (`declare const process`) binds nothing: it names a global.
 */
import { childrenOf, isNode, parse, type Node } from './ast.ts'

export interface GlobalUse {
  /** The global's own name: `Date`, or `import.meta`. */
  name: string
  /** The use as it can be allowed or forbidden: `Date.now`, `new Date()`, `Date()`, else the name alone. */
  use: string
  line: number
}

type Scope = Set<string>

/** Fields that hold types: nothing in them is read when the program runs. */
const TYPE_FIELDS = new Set([
  'implements',
  'returnType',
  'superTypeArguments',
  'typeAnnotation',
  'typeArguments',
  'typeParameters',
])
const TYPE_NODES = new Set([
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSClassImplements',
  'TSDeclareFunction',
])
/** Fields that hold a name and no reference, unless the node is `computed`. */
const NAME_FIELDS: Record<string, string> = {
  ExportSpecifier: 'exported',
  MemberExpression: 'property',
  Property: 'key',
  PropertyDefinition: 'key',
  AccessorProperty: 'key',
  MethodDefinition: 'key',
  TSAbstractMethodDefinition: 'key',
  TSAbstractPropertyDefinition: 'key',
}
const LABELLED = new Set(['LabeledStatement', 'BreakStatement', 'ContinueStatement'])

/** Reads the globals of one file, in their order. Throws for a file that cannot be parsed. */
export function readGlobals(file: string, source: string): GlobalUse[] {
  const { program, lineAt } = parse(file, source)
  const found: GlobalUse[] = []
  visit(program, [], [], (name, use, start) => found.push({ name, use, line: lineAt(start) }))
  return found
}

type Report = (name: string, use: string, start: number) => void

/** @param parents from the program down to the node's parent */
function visit(node: Node, scopes: readonly Scope[], parents: readonly Node[], report: Report): void {
  if (TYPE_NODES.has(node.type) || node.declare === true || node.exportKind === 'type') return
  if (node.type === 'ImportDeclaration' || (node.type.startsWith('Export') && node.source)) return
  if (node.type === 'MetaProperty') {
    const use = memberUse('import.meta', parents, node)
    if (nameOf(node.meta as Node) === 'import') report('import.meta', use, node.start)
    return
  }
  if (node.type === 'Identifier') {
    const name = node.name as string
    if (!scopes.some((scope) => scope.has(name))) report(name, useOf(name, node, parents), node.start)
    return
  }
  const own = declaredBy(node)
  const inner = own.size > 0 ? [...scopes, own] : scopes
  const below = [...parents, node]
  for (const [field, child] of runningIn(node)) {
    if (!isNameOnly(node, field)) visit(child, inner, below, report)
  }
}

function isNameOnly(node: Node, field: string): boolean {
  if (field === NAME_FIELDS[node.type]) return node.computed !== true
  return field === 'label' && LABELLED.has(node.type)
}

/** Yields the nodes below that run. */
function* runningIn(node: Node): Generator<[field: string, child: Node]> {
  for (const [field, child] of childrenOf(node)) if (!TYPE_FIELDS.has(field)) yield [field, child]
}

function nameOf(node: Node | null | undefined): string | undefined {
  return node?.type === 'Identifier' ? (node.name as string) : undefined
}

/** Returns how the code around an identifier uses it. */
function useOf(name: string, node: Node, parents: readonly Node[]): string {
  const parent = parents.at(-1)
  if (parent?.callee === node) {
    if (parent.type !== 'NewExpression') return `${name}()`
    const [first] = parent.arguments as Node[]
    return first && first.type !== 'SpreadElement' ? `new ${name}(…)` : `new ${name}()`
  }
  if (parent?.type === 'BinaryExpression' && parent.operator === 'instanceof' && parent.right === node) {
    return `instanceof ${name}`
  }
  return memberUse(name, parents, node)
}

/** Returns `name.member` for a member that the source names, else the name. */
function memberUse(name: string, parents: readonly Node[], node: Node): string {
  const parent = parents.at(-1)
  if (parent?.type !== 'MemberExpression' || parent.object !== node) return name
  const property = parent.property as Node
  if (parent.computed !== true) return `${name}.${property.name as string}`
  return typeof property.value === 'string' ? `${name}.${property.value}` : name
}

/** Returns the names that a node binds for the nodes in it. */
function declaredBy(node: Node): Scope {
  const names: Scope = new Set()
  switch (node.type) {
    case 'Program':
      bindStatements(node.body, names)
      bindVars(node, names)
      break
    case 'BlockStatement':
    case 'StaticBlock':
      bindStatements(node.body, names)
      break
    case 'SwitchStatement':
      for (const branch of node.cases as Node[]) bindStatements(branch.consequent, names)
      break
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (node.type !== 'ArrowFunctionExpression') names.add('arguments')
      for (const parameter of node.params as Node[]) bindPattern(parameter, names)
      bindPattern(node.id, names)
      if (isNode(node.body)) bindVars(node.body, names)
      break
    case 'ClassDeclaration':
    case 'ClassExpression':
      bindPattern(node.id, names)
      break
    case 'ForStatement':
      bindStatements([node.init], names)
      break
    case 'ForInStatement':
    case 'ForOfStatement':
      bindStatements([node.left], names)
      break
    case 'CatchClause':
      bindPattern(node.param, names)
      break
    default:
  }
  return names
}

function bindStatements(statements: unknown, names: Scope): void {
  for (const statement of statements as unknown[]) {
    if (!isNode(statement)) continue
    const inner = isNode(statement.declaration) ? statement.declaration : statement
    if (inner.declare === true) continue
    if (inner.type === 'VariableDeclaration') bindVariables(inner, names)
    if (inner.type === 'ImportDeclaration') {
      for (const specifier of inner.specifiers as Node[]) bindPattern(specifier.local, names)
    }
    if (/^(Function|Class)Declaration$/.test(inner.type)) bindPattern(inner.id, names)
  }
}

function bindVariables(declaration: Node, names: Scope): void {
  for (const { id } of declaration.declarations as Node[]) bindPattern(id, names)
}

/** Binds each `var` at any depth, except those of inner functions. */
function bindVars(node: Node, names: Scope): void {
  for (const [, child] of runningIn(node)) {
    if (child.type === 'VariableDeclaration' && child.kind === 'var' && child.declare !== true) {
      bindVariables(child, names)
    }
    if (!/Function/.test(child.type)) bindVars(child, names)
  }
}

function bindPattern(pattern: unknown, names: Scope): void {
  if (!isNode(pattern)) return
  switch (pattern.type) {
    case 'Identifier':
      names.add(pattern.name as string)
      break
    case 'ObjectPattern':
      for (const property of pattern.properties as Node[]) bindPattern(property.value ?? property.argument, names)
      break
    case 'ArrayPattern':
      for (const element of pattern.elements as unknown[]) bindPattern(element, names)
      break
    case 'AssignmentPattern':
      bindPattern(pattern.left, names)
      break
    case 'RestElement':
      bindPattern(pattern.argument, names)
      break
    default:
  }
}
