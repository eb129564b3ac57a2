/**
 * The language of doc comments and names: a comment opens with a verb or a noun phrase, and a name uses the word of the
 * field.
 *
 * Run by itself it checks this checkout (`npm run check`). It fails where 5 % or more of the doc comments of a folder
 * open without a subject, and for each name that a discarded word is in; then it prints them with file and line.
 */
import { join } from 'node:path'
import { childrenOf, isNode, parse, type Node } from './ast.ts'
import { readSources } from './boundaries.ts'

const FOLDERS = ['relay/', 'widget/', 'demo/']

/** Share of the doc comments that may open without a subject. */
const MAX_SHARE = 0.05

/** Words that begin a clause or an adverbial: neither a verb in the third person nor a noun phrase. */
const NO_SUBJECT = words(`
  what whatever who whoever whose whom which whichever how however where wherever whether when whenever why
  if unless because since while until once so as like than then
  of with without within for from in into on onto at by through under over after before between beside beyond against
  during except instead
  none nobody nothing nowhere something somebody someone anything anybody anyone everything everybody everyone
  that those such it they
  more most less least longer shorter deeper fewer later earlier sooner
  told asked said taken kept given made done meant held thrown known seen
  is are was were do did can could may might must should shall will would have had
`)

/** Phrases that begin like a noun phrase and have no noun of their own. */
const NO_NOUN =
  /^(the (same|ones?|others?)(?=[^\w\s]|$| (as|at|but|by|for|from|in|of|on|that|to|when|where|which|with|without)\b)|(one|ones|all) (that|of)\b)/i

/** Names that the project gave up for the words of the field, each unambiguous. They are searched in every part of a name. */
const DISCARDED = words(`
  allowance breath complain desk discreet discretion halt halted mend mended mending otherwise patience reseat seat sky
  sociable storm strangers superseded tally trouble troubles weather
  caught_up fate_of in_its_place opens_at paper_of set_aside within_limits
`)
/** Words that are discarded as the whole of a name only. */
const DISCARDED_WHOLE = new Set(['PROBES', 'fate', 'most', 'paper', 'permit'])

/** Names that stay, by file. */
const EXCEPTIONS: Record<string, string[]> = {
  // Columns of old tables, read once to upgrade them.
  'relay/outbox/postgres/schema.ts': ['allowance', 'halt'],
}

export interface Finding {
  file: string
  line: number
  /** The opening of the comment, or the name. */
  text: string
}

interface Openings {
  /** Doc comments with a text of their own: not those that begin with a tag. */
  total: number
  /** Comments that open without a subject. */
  wrong: Finding[]
}

/** Counts the doc comments of a file, and finds those that open without a subject. */
export function readOpenings(file: string, source: string): Openings {
  const { comments, lineAt } = parse(file, source)
  const texts = comments
    .filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
    .map(({ value, start }) => ({ text: textOf(value), line: lineAt(start) }))
    .filter(({ text }) => text !== '' && !text.startsWith('@'))
  return {
    total: texts.length,
    wrong: texts.filter(({ text }) => opensWithoutSubject(text)).map(({ text, line }) => ({ file, line, text })),
  }
}

/** Returns a comment's text in one line, without stars. */
function textOf(comment: string): string {
  return comment
    .slice(1)
    .replaceAll(/\n\s*\* ?/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function opensWithoutSubject(text: string): boolean {
  const [first = ''] = /^[\p{L}’']+/u.exec(text) ?? []
  return NO_SUBJECT.includes(first.toLowerCase()) || NO_NOUN.test(text)
}

/** Returns the names declared in a file that a discarded word is in. */
export function readDiscarded(file: string, source: string): Finding[] {
  const { program, lineAt } = parse(file, source)
  return [...namesIn(program)]
    .filter(({ name }) => isDiscarded(name) && !EXCEPTIONS[file]?.includes(name))
    .map(({ name, start }) => ({ file, line: lineAt(start), text: name }))
}

function isDiscarded(name: string): boolean {
  const parts = `_${name.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '_').toLowerCase()}_`
  return DISCARDED_WHOLE.has(name) || DISCARDED.some((discarded) => parts.includes(`_${discarded}_`))
}

/** Fields whose identifier a node declares, by the node's type. Patterns are followed to the names in them. */
const DECLARING: Record<string, string> = {
  ArrowFunctionExpression: 'params',
  CatchClause: 'param',
  ClassDeclaration: 'id',
  ClassExpression: 'id',
  FunctionDeclaration: 'id params',
  FunctionExpression: 'id params',
  MethodDefinition: 'key',
  Property: 'key',
  PropertyDefinition: 'key',
  TSFunctionType: 'params',
  TSInterfaceDeclaration: 'id',
  TSMethodSignature: 'key params',
  TSPropertySignature: 'key',
  TSTypeAliasDeclaration: 'id',
  TSTypeParameter: 'name',
  VariableDeclarator: 'id',
}

function* namesIn(node: Node): Generator<{ name: string; start: number }> {
  const fields = DECLARING[node.type]?.split(' ') ?? []
  for (const [field, child] of childrenOf(node)) {
    // A shorthand repeats the name of a variable, which is found where it is declared.
    const declares = fields.includes(field) && node.shorthand !== true
    if (declares && node.computed !== true) yield* boundBy(child)
    // The keys of a pattern are declared elsewhere.
    if (!(declares && child.type.endsWith('Pattern'))) yield* namesIn(child)
  }
}

/** Yields the identifiers of a pattern, or the one that the node is. */
function* boundBy(node: Node): Generator<{ name: string; start: number }> {
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') {
    yield { name: node.name as string, start: node.start }
    return
  }
  const parts = [node.properties, node.elements, node.left, node.argument, node.type === 'Property' && node.value]
  for (const part of parts.flat()) if (isNode(part)) yield* boundBy(part)
}

/** Checks the files, by path and text. Returns each problem, and a line on the comments of each folder. */
export function checkLanguage(files: Record<string, string>): { problems: string[]; shares: string[] } {
  const problems: string[] = []
  const shares: string[] = []
  for (const folder of FOLDERS) {
    const own = Object.entries(files).filter(([file]) => file.startsWith(folder))
    const openings = own.map(([file, source]) => readOpenings(file, source))
    const total = openings.reduce((sum, each) => sum + each.total, 0)
    const wrong = openings.flatMap((each) => each.wrong)
    const share = wrong.length / Math.max(1, total)
    shares.push(`${folder} ${wrong.length} of ${total} (${(100 * share).toFixed(1)} %)`)
    if (share >= MAX_SHARE) {
      for (const { file, line, text } of wrong) {
        problems.push(`${file}:${line}: opens without a subject: ${text.slice(0, 80)}`)
      }
    }
    for (const { file, line, text } of own.flatMap(([file, source]) => readDiscarded(file, source))) {
      problems.push(`${file}:${line}: rename ${text}: the project has discarded the word`)
    }
  }
  return { problems, shares }
}

function words(list: string): string[] {
  return list.trim().split(/\s+/)
}

if (import.meta.main) {
  const { problems, shares } = checkLanguage(readSources(join(import.meta.dirname, '../..')))
  for (const problem of problems) console.error(problem)
  console.log(`doc comments that open without a subject: ${shares.join(', ')}`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
