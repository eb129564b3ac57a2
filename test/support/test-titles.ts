/** Lists the titles of the tests in a source file, as they are written there. */
import { childrenOf, isNode, parse, type Node } from './ast.ts'

/** Returns the titles of all `it` in a file, also of `it.each`, whose placeholders are left as they are. */
export function titlesIn(file: string, text: string): string[] {
  const titles: string[] = []
  const visit = (node: Node): void => {
    const title = node.type === 'CallExpression' && isTest(node.callee) ? textOf(node.arguments) : undefined
    if (title !== undefined) titles.push(title)
    for (const [, child] of childrenOf(node)) visit(child)
  }
  visit(parse(file, text).program)
  return titles
}

/** True for `it`, for `it.only` and the like, and for the result of `it.each(…)`. */
function isTest(callee: unknown): boolean {
  if (!isNode(callee)) return false
  if (callee.type === 'Identifier') return callee.name === 'it'
  return isTest(callee.type === 'MemberExpression' ? callee.object : callee.callee)
}

/** Returns the text of the first argument: a literal, or a template with its parts as they are written. */
function textOf(args: unknown): string | undefined {
  const [first] = args as Node[]
  if (first?.type === 'Literal' && typeof first.value === 'string') return first.value
  if (first?.type !== 'TemplateLiteral') return undefined
  return (first.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('…')
}
