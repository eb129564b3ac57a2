/** Validates the queries and bodies of the `/sim/…` routes, except for faults. Changes nothing. */
import type { LimitSettings } from '../limits.ts'
import type { Form } from '../people/forms.ts'
import type { SyncRules } from '../people/sync.ts'
import type { AssignmentRule, Workspace } from '../people/workspaces.ts'
import type { Settings } from '../settings.ts'
import { asObject, readInteger, validateBody, validateObject, type FieldResult, type Validated } from './validation.ts'

/** Maximum number of calls on a page. */
const MAX_PAGE_CALLS = 10_000

/** Query of `/sim/calls`. Without `after` and `limit` it selects all calls. */
export interface CallsQuery {
  /** Number of the last call that the client already has. */
  after?: number
  limit?: number
  records?: boolean
}

export function readCallsQuery(query: Readonly<Record<string, string>>): Validated<CallsQuery> {
  const wholeNumber = (min: number, max: number) => (value: unknown) =>
    readInteger(/^\d{1,16}$/.test(String(value)) ? Number(value) : undefined, min, max)
  return validateObject(
    query,
    {
      after: wholeNumber(0, Number.MAX_SAFE_INTEGER),
      limit: wholeNumber(1, MAX_PAGE_CALLS),
      records: (value) => (value === '1' ? { value: true } : 'must be 1, or left out'),
    },
    [],
  )
}

export function readLimitsInput(text: string): Validated<Partial<LimitSettings>> {
  const readLimit = (value: unknown): FieldResult => readInteger(value, 0, 1_000_000_000)
  return validateBody(text, { ratePer20s: readLimit, concurrency: readLimit, daily: readLimit }, [])
}

/** @param fields fields that an assignment rule may use */
export function readWorkspacesInput(
  text: string,
  fields: SyncRules['fields'],
): Validated<Pick<Partial<Settings>, 'workspaces' | 'rules'>> {
  return validateBody(
    text,
    {
      workspaces: (value) =>
        value === 'any' || value === 'off' || (isListOf(value, isWorkspace) && haveUniqueNames(value))
          ? { value }
          : 'must be "any", "off" or a list of names or of {name, partition}; each name may occur once',
      rules: (value) =>
        isListOf(value, isRule) && value.every(({ attribute }) => fields.has(attribute))
          ? { value }
          : 'must be a list of {attribute, value, partition}; each attribute must be the SOAP API name of a field',
    },
    [],
  )
}

/** @param fields fields that a form may have */
export function readFormsInput(text: string, fields: SyncRules['fields']): Validated<Pick<Settings, 'forms'>> {
  return validateBody(
    text,
    {
      forms: (value) =>
        isListOf(value, (form): form is Form => isForm(form, fields)) &&
        new Set(value.map(({ id }) => id)).size === value.length
          ? { value }
          : 'must be a list of {id, name, status, workspace, fields}; each id may occur once, the status is approved or draft, and each field must be the SOAP API name of a field',
    },
    ['forms'],
  )
}

function isForm(value: unknown, fields: SyncRules['fields']): boolean {
  const { id, name, status, workspace, fields: names, ...others } = asObject(value) ?? {}
  return (
    Number.isInteger(id) &&
    isName(name) &&
    (status === 'approved' || status === 'draft') &&
    isName(workspace) &&
    isListOf(names, (field): field is string => typeof field === 'string' && fields.has(field)) &&
    Object.keys(others).length === 0
  )
}

export function readStrictInput(text: string): Validated<Pick<Settings, 'strict'>> {
  return validateBody(text, { strict: (value) => (typeof value === 'boolean' ? { value } : 'must be true or false') }, [
    'strict',
  ])
}

function isWorkspace(value: unknown): value is string | Workspace {
  return isName(value) || isRecordOf(value, ['name', 'partition'])
}

/** Treats "Default" as case-insensitive and all other names as case-sensitive. */
function haveUniqueNames(workspaces: readonly (string | Workspace)[]): boolean {
  const names = workspaces.map((workspace) => (typeof workspace === 'string' ? workspace : workspace.name))
  return new Set(names.map((name) => (/^default$/i.test(name) ? 'Default' : name))).size === names.length
}

function isRule(value: unknown): value is AssignmentRule {
  return isRecordOf(value, ['attribute', 'value', 'partition'])
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem)
}

/** Checks that the object has exactly these fields and that each is a string that is not blank. */
function isRecordOf(value: unknown, fields: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  return entries.length === fields.length && entries.every(([name, text]) => fields.includes(name) && isName(text))
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
