/** What `/sim/` is told to do, checked: everything that is wrong with it at once, each by its field. */
import type { LimitSettings } from '../limits.ts'
import type { SyncRules } from '../people/sync.ts'
import type { AssignmentRule, Workspace } from '../people/workspaces.ts'
import type { Settings } from '../settings.ts'
import { check, checkObject, integer, type Checked, type Reading } from './validation.ts'

/** Of one page of calls. */
const MOST_CALLS = 10_000

/** Which calls of `/sim/calls` are asked for. Without `after` and `limit`, all of them. */
export interface CallsQuery {
  /** The number of the last call that is known already. */
  after?: number
  limit?: number
  records?: boolean
}

export function readCallsQuery(query: Readonly<Record<string, string>>): Checked<CallsQuery> {
  const whole = (least: number, most: number) => (value: unknown) =>
    integer(/^\d{1,16}$/.test(String(value)) ? Number(value) : undefined, least, most)
  return checkObject(
    query,
    {
      after: whole(0, Number.MAX_SAFE_INTEGER),
      limit: whole(1, MOST_CALLS),
      records: (value) => (value === '1' ? { value: true } : 'must be 1, or left out'),
    },
    [],
  )
}

/** What is left out stays as it is. */
export function readLimitsInput(text: string): Checked<Partial<LimitSettings>> {
  const limit = (value: unknown): Reading => integer(value, 0, 1_000_000_000)
  return check(text, { ratePer20s: limit, concurrency: limit, daily: limit }, [])
}

/** What is left out stays as it is. `fields` are those that a rule may go by. */
export function readWorkspacesInput(
  text: string,
  fields: SyncRules['fields'],
): Checked<Pick<Partial<Settings>, 'workspaces' | 'rules'>> {
  return check(
    text,
    {
      workspaces: (value) =>
        value === 'any' || value === 'off' || (isListOf(value, isWorkspace) && haveNamesOfTheirOwn(value))
          ? { value }
          : 'must be "any", "off" or a list of names or of {name, partition}, no name twice',
      rules: (value) =>
        isListOf(value, isRule) && value.every(({ attribute }) => fields.has(attribute))
          ? { value }
          : 'must be a list of {attribute, value, partition}, each attribute the SOAP API name of a field',
    },
    [],
  )
}

export function readStrictInput(text: string): Checked<Pick<Settings, 'strict'>> {
  return check(text, { strict: (value) => (typeof value === 'boolean' ? { value } : 'must be true or false') }, [
    'strict',
  ])
}

function isWorkspace(value: unknown): value is string | Workspace {
  return isName(value) || isRecordOf(value, ['name', 'partition'])
}

/** "Default" is one name in any case of letters. */
function haveNamesOfTheirOwn(workspaces: readonly (string | Workspace)[]): boolean {
  const names = workspaces.map((one) => (typeof one === 'string' ? one : one.name))
  return new Set(names.map((name) => (/^default$/i.test(name) ? 'Default' : name))).size === names.length
}

function isRule(value: unknown): value is AssignmentRule {
  return isRecordOf(value, ['attribute', 'value', 'partition'])
}

function isListOf<One>(value: unknown, isOne: (one: unknown) => one is One): value is One[] {
  return Array.isArray(value) && value.every(isOne)
}

/** True for an object with just these fields, each a text that is not blank. */
function isRecordOf(value: unknown, fields: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  return entries.length === fields.length && entries.every(([name, text]) => fields.includes(name) && isName(text))
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
