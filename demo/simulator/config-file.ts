/**
 * Reads the configuration file of `--config`: JSON with comments and trailing commas. Node only. Applies nothing.
 *
 * Its keys are those of the bodies of `/sim/…`, and are checked by the same readers.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findNodeAtLocation, parse, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { readCampaigns, readFields, readLists, readPeople, unknownAttributes } from './control/definitions-input.ts'
import { readFormsInput, readStrictInput, readWorkspacesInput } from './control/input.ts'
import { asObject, validateObject, type FieldResult, type InputProblem, type Validated } from './control/validation.ts'
import type { SimulatorOptions } from './index.ts'
import { FIELDS, type Field } from './people/fields.ts'
import { importFields } from './people/import-fields.ts'
import type { SeedPerson } from './people/seed-people.ts'

/** The file cannot be used. Each line of the message has the file, the line, the place and what is allowed. */
export class ConfigFileError extends Error {
  override name = 'ConfigFileError'
}

type Configured = Pick<
  SimulatorOptions,
  'fields' | 'lists' | 'campaigns' | 'seeds' | 'workspaces' | 'rules' | 'forms' | 'strict'
>

/** @throws ConfigFileError if the file cannot be read or is not valid */
export function readConfigFile(file: string): Configured {
  const text = readText(file)
  const errors: ParseError[] = []
  const content: unknown = parse(text, errors, { allowTrailingComma: true })
  const [broken] = errors
  if (broken) throw problemAt(file, text, broken.offset, `is not valid JSON: ${printParseErrorCode(broken.error)}`)
  const read = readContent(asObject(content) ?? {}, dirname(file))
  if (read.ok && asObject(content)) {
    const { people, ...settings } = read.value
    return { ...settings, ...(people && { seeds: people }) }
  }
  const tree = parseTree(text, [], { allowTrailingComma: true })
  const problems = read.ok ? [{ field: '', message: 'must be a JSON object' }] : read.errors
  throw new ConfigFileError(
    problems.map((problem) => `${file}:${lineOf(text, tree, problem)}: ${wordsOf(problem)}`).join('\n'),
  )
}

interface Content extends Omit<Configured, 'seeds'> {
  people?: SeedPerson[]
}

function readContent(content: Readonly<Record<string, unknown>>, folder: string): Validated<Content> {
  const imported = importedFields(content['fieldsFrom'], folder)
  const given = readFields(content['fields'])
  const own = typeof given === 'object' && 'value' in given ? (given.value as Field[]) : undefined
  const fields = new Map((own ?? imported ?? FIELDS).map((field) => [field.name, field]))
  const through = (read: Validated<object>, name: string): FieldResult =>
    read.ok ? { value: Object.values(read.value)[0] } : (read.errors.find(({ field }) => field === name)?.message ?? '')
  const body = (name: string, value: unknown): string => JSON.stringify({ [name]: value })
  const result = validateObject<Content & { $schema?: string; fieldsFrom?: Field[] }>(
    content,
    {
      $schema: (value) => ({ value }),
      fields: readFields,
      fieldsFrom: () =>
        imported
          ? { value: imported }
          : 'must be the path to a forms file or to an answer of Describe Lead, from the folder of this file',
      lists: readLists,
      campaigns: readCampaigns,
      people: readPeople,
      workspaces: (value) => through(readWorkspacesInput(body('workspaces', value), fields), 'workspaces'),
      rules: (value) => through(readWorkspacesInput(body('rules', value), fields), 'rules'),
      forms: (value) => through(readFormsInput(body('forms', value), fields), 'forms'),
      strict: (value) => through(readStrictInput(body('strict', value)), 'strict'),
    },
    [],
  )
  if (!result.ok) return result
  const { $schema: _, fieldsFrom, ...value } = result.value
  const errors = unknownAttributes(value.people ?? [], fields)
  if (errors.length > 0) return { ok: false, errors }
  return { ok: true, value: { ...value, ...(fieldsFrom && { fields: value.fields ?? fieldsFrom }) } }
}

function importedFields(path: unknown, folder: string): Field[] | undefined {
  if (typeof path !== 'string') return undefined
  try {
    const content = asObject(parse(readFileSync(join(folder, path), 'utf8')))
    return content && importFields(content)
  } catch {
    return undefined
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigFileError(`${file} cannot be read (${code}); --config must name a JSON file`, { cause })
  }
}

function problemAt(file: string, text: string, offset: number, message: string): ConfigFileError {
  return new ConfigFileError(`${file}:${lineAt(text, offset)}: ${message}`)
}

function wordsOf({ field, message }: InputProblem): string {
  return field === '' ? message : `${field} ${message}`
}

/** Returns the line of the place, or that of the nearest thing around it. */
function lineOf(text: string, tree: Node | undefined, { field }: InputProblem): number {
  const path = field
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  for (; tree && path.length > 0; path.pop()) {
    const node = findNodeAtLocation(tree, path)
    if (node) return lineAt(text, node.offset)
  }
  return 1
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
