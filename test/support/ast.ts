/** The syntax tree of a source file, and steps through it that the project's own checks share. */
import { parseSync, type Comment, type EcmaScriptModule } from 'oxc-parser'

export interface Node {
  type: string
  start: number
  [field: string]: unknown
}

export interface Source {
  program: Node
  comments: Comment[]
  /** Imports and exports. */
  module: EcmaScriptModule
  /** Returns the line of an offset, from 1. */
  lineAt: (offset: number) => number
}

/** Parses a file. Throws for one that is not TypeScript. */
export function parse(file: string, text: string): Source {
  const { program, comments, module, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  return {
    program: program as unknown as Node,
    comments,
    module,
    lineAt: (offset) => text.slice(0, offset).split('\n').length,
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** Yields the nodes directly below a node, with the field that holds each. */
export function* childrenOf(node: Node): Generator<[field: string, child: Node]> {
  for (const [field, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield [field, child]
  }
}
